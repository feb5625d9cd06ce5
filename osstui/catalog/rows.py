"""All hosts of one model as rows out of the catalog: found, filtered, grouped.

Nothing here reads a clock, an environment or a key: today's date and what is known of keys are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

from osstui.catalog.catalog import DEFAULT_MODEL
from osstui.catalog.presets import FIGURES, Own, blended, newest

if TYPE_CHECKING:
    from osstui.catalog.catalog import Catalog
    from osstui.catalog.models import Offer, Provider
    from osstui.catalog.presets import Measured

STALE_DAYS = 90
"""A price older than this is marked: hosts of open models change theirs every few months."""

CERTAIN = ("live", "local")
"""Statuses that need no second look."""

Freshness = Literal["fresh", "stale", "undated"]


class KeyState(Protocol):
    """What is known of a provider's key: never the key (the engine's `KeyStatus` is one)."""

    @property
    def present(self) -> bool: ...
    @property
    def required(self) -> bool: ...
    @property
    def source(self) -> str | None: ...
    @property
    def missing(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One host. Prices in US$ per 1 million tokens, sizes in tokens; what is not known is None."""

    provider: str
    name: str
    model_id: str
    key: str
    """What to do or to see about the key: `✓ GROQ_API_KEY`, `set GROQ_API_KEY`, `running`, …"""
    usable: bool | None
    """Whether a request has a chance; None where nobody looked."""
    dialect: str
    input: float | None
    output: float | None
    cached_input: float | None
    blended: float | None
    price_source: str | None
    price_as_of: date | None
    freshness: Freshness | None
    """Of the price; None without one."""
    context: int | None
    max_output: int | None
    ttft_s: float | None
    output_tps: float | None
    status: str
    """`live`, `uncertain`, `unverified`, or `local`: whether that one runs, `key` says."""
    route_of: str | None
    own: Own | None = None
    """What the user measured there."""


@dataclass(frozen=True, slots=True)
class Here:
    """What depends on where and when the catalog is looked at."""

    today: date
    keys: Mapping[str, KeyState] = field(default_factory=dict)
    """By provider id."""
    servers: Mapping[str, bool] = field(default_factory=dict)
    """Of local providers, whether they answer."""
    measured: Measured = field(default_factory=dict)
    """What the user's own runs found."""


def freshness(as_of: date | None, today: date) -> Freshness:
    """Whether a figure of that date may still hold."""
    if as_of is None:
        return "undated"
    return "stale" if (today - as_of).days > STALE_DAYS else "fresh"


def age(as_of: date | None, today: date) -> str:
    """`12 days old`, `today`, or that the date is not known."""
    if as_of is None:
        return "date unknown"
    days = (today - as_of).days
    return "today" if days <= 0 else f"{days} day{'s' if days > 1 else ''} old"


def rows(
    catalog: Catalog, here: Here, *, model: str = DEFAULT_MODEL, as_published: bool = False
) -> list[Row]:
    """The hosts of a model in the catalog's order.

    Prices are those that count today; with `as_published`, those that the pages with the speeds saw, at their
    own time.
    """
    return [
        _row(catalog, p, offer, model, here, as_published)
        for p in catalog.providers.values()
        if (offer := p.models.get(model)) is not None
    ]


def lane_row(catalog: Catalog, spec: str, here: Here) -> Row:
    """The row of any lane that can be named, raw model ids included. Raises CatalogError like `target`."""
    target = catalog.target(spec)
    provider = catalog.providers[target.provider]
    offer = provider.models.get(target.model)
    return _row(catalog, provider, offer, target.model, here)


def _row(
    catalog: Catalog,
    provider: Provider,
    offer: Offer | None,
    model: str,
    here: Here,
    as_published: bool = False,
) -> Row:
    seen = {figure: newest(offer, read) if offer else None for figure, (read, _) in FIGURES.items()}
    price = offer.price if offer else None
    target = catalog.target(f"{provider.id}:{model}")
    told, usable = key_text(provider, here.keys.get(provider.id), here.servers.get(provider.id))
    return Row(
        provider=provider.id,
        name=provider.name,
        model_id=offer.id if offer else model,
        key=told,
        usable=usable,
        dialect=provider.dialect,
        input=seen["input"] if as_published else price.input if price else None,
        output=seen["output"] if as_published else price.output if price else None,
        cached_input=None if as_published or price is None else price.cached_input,
        blended=seen["blended"] if as_published else round(blended(price), 6) if price else None,
        price_source=None if as_published or price is None else price.source,
        price_as_of=None if as_published or price is None else price.as_of,
        freshness=None if as_published or price is None else freshness(price.as_of, here.today),
        context=target.context,
        max_output=target.max_output,
        ttft_s=seen["ttft_s"],
        output_tps=seen["output_tps"],
        status=status_of(provider, offer),
        route_of=provider.route_of,
        own=here.measured.get((provider.id, model)),
    )


def status_of(provider: Provider, offer: Offer | None = None) -> str:
    """How sure it is that the host sells the model."""
    return (offer.status if offer else None) or ("local" if provider.local else provider.status)


def key_text(provider: Provider, key: KeyState | None, up: bool | None) -> tuple[str, bool | None]:
    """What the table says of a host's key, and whether the host can be asked."""
    if provider.local:
        return {True: "running", False: "not running", None: "local"}[up], up
    if not provider.key_required:
        return "none needed", True
    command = provider.api_key_command.split()[0] if provider.api_key_command else None
    if key is None:
        return provider.api_key_env[0] if provider.api_key_env else str(command), None
    if key.present:
        return f"✓ {command if key.source == 'command' else key.source}", True
    if wanted := key.missing or provider.api_key_env[:1]:
        return f"needs {', '.join(wanted)}", False
    return f"needs {command}", False


def matching(found: Iterable[Row], text: str) -> list[Row]:
    """The rows that hold every word of `text`, whatever its case, in a name, a key, a dialect or a status."""
    words = text.casefold().split()
    return [row for row in found if all(word in _searched(row) for word in words)]


def _searched(row: Row) -> str:
    return " ".join((row.provider, row.name, row.model_id, row.key, row.dialect, row.status)).casefold()


def routes_below_their_hosts(found: Iterable[Row]) -> list[Row]:
    """The same rows, each route moved below the host that it leads to; without the host it stays."""
    found = list(found)
    hosts = {row.provider for row in found}
    routes: dict[str, list[Row]] = {}
    for row in found:
        if row.route_of in hosts:
            routes.setdefault(str(row.route_of), []).append(row)
    tops = [row for row in found if row.route_of not in hosts]
    return [each for row in tops for each in (row, *routes.pop(row.provider, ()))]
