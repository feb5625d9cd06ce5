"""How one layer of the catalog is laid on another where plain merging would not do."""

from __future__ import annotations

from datetime import date

from osstui.catalog.nodes import Node, locate, merge

_NOT_SHARED_BY_ROUTES = ("dialect", "base_url", "quirks", "headers", "notes", "also_known_as")


def with_route(tree: Node, name: str, written: Node) -> Node | None:
    """The entry `name` laid over the provider that it is a route of, if any; None when that is none.

    A route of a route is refused, so that there are no circles.
    """
    place = locate(written, ("route_of",))
    if place is written or not isinstance(place.value, str):
        return written
    providers = locate(tree, ("providers",))
    main = locate(providers, (place.value,))
    if main is providers or place.value == name:
        return None
    if not isinstance(main.value, dict) or "route_of" in main.value:
        return None
    kept = {key: node for key, node in main.value.items() if key not in _NOT_SHARED_BY_ROUTES}
    if "models" in kept:
        kept["models"] = _without_figures(kept["models"])
    return merge(Node(kept, main.file, main.line), written)


def _without_figures(models: Node) -> Node:
    """Offers without published figures: those were measured on the main route."""
    if not isinstance(models.value, dict):
        return models
    offers = {
        name: Node({k: v for k, v in offer.value.items() if k != "published"}, offer.file, offer.line)
        if isinstance(offer.value, dict)
        else offer
        for name, offer in models.value.items()
    }
    return Node(offers, models.file, models.line)


def without_outdated(fetched: Node, base: Node) -> Node:
    """Fetched offers without those whose price is older than the one that they would replace."""
    providers = locate(fetched, ("providers",))
    if providers is fetched or not isinstance(providers.value, dict):
        return fetched
    kept: dict[str, Node] = {}
    for name, provider in providers.value.items():
        offers = locate(provider, ("models",))
        if offers is provider or not isinstance(offers.value, dict):
            kept[name] = provider
            continue
        new = {
            model: offer
            for model, offer in offers.value.items()
            if not _older(offer, locate(base, ("providers", name, "models", model)))
        }
        fields = dict(provider.value) if isinstance(provider.value, dict) else {}
        fields["models"] = Node(new, offers.file, offers.line)
        kept[name] = Node(fields, provider.file, provider.line)
    sections = dict(fetched.value) if isinstance(fetched.value, dict) else {}
    sections["providers"] = Node(kept, providers.file, providers.line)
    return Node(sections, fetched.file, fetched.line)


def _older(offer: Node, known: Node) -> bool:
    days = [locate(node, ("price", "as_of")).value for node in (offer, known)]
    new, old = (day if isinstance(day, date) else None for day in days)
    return new is not None and old is not None and new < old
