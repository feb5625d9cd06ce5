"""Who is fastest and cheapest, by what public pages say; and the presets that are picked from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osstui.catalog.catalog import DEFAULT_MODEL

if TYPE_CHECKING:
    from osstui.catalog.catalog import Catalog
    from osstui.catalog.models import Offer, Preset, Published
    from osstui.job import Price


@dataclass(frozen=True, slots=True)
class Own:
    """What the user's own runs found of a model at a host; the names are those of `Published`."""

    ttft_s: float | None = None
    output_tps: float | None = None
    runs: int = 0


Measured = Mapping[tuple[str, str], Own]
"""By provider id and model."""


def blended(price: Price) -> float:
    """US$ per 1M tokens at three input tokens to one output token: (3 · input + output) / 4.

    The weighting is Artificial Analysis's.
    """
    return (3 * price.input + price.output) / 4


def _published_blend(page: Published) -> float | None:
    if page.blended is not None or page.input is None or page.output is None:
        return page.blended
    return (3 * page.input + page.output) / 4


FIGURES: dict[str, tuple[Callable[[Published], float | None], bool]] = {
    "output_tps": (lambda page: page.output_tps, True),
    "ttft_s": (lambda page: page.ttft_s, False),
    "blended": (_published_blend, False),
    "input": (lambda page: page.input, False),
    "output": (lambda page: page.output, False),
}
"""Each published figure: how it is read, and whether more is better."""


def ranking(catalog: Catalog, figure: str, model: str = DEFAULT_MODEL) -> list[tuple[str, float]]:
    """Provider ids and their published figure, best first; equals go by id. Those without it are left out.

    Of several pages the newest counts. The prices here are those of the pages, at the pages' own time.
    Raises KeyError for a figure that is not in FIGURES.
    """
    read, more_is_better = FIGURES[figure]
    found = {}
    for provider_id, provider in catalog.providers.items():
        if provider.route_of is not None:
            continue
        if (offer := provider.models.get(model)) and (value := newest(offer, read)) is not None:
            found[provider_id] = value
    return _sorted(found, more_is_better)


def known_ranking(
    catalog: Catalog, figure: str, model: str = DEFAULT_MODEL, measured: Measured | None = None
) -> list[tuple[str, float]]:
    """`ranking`, with the user's own figure in the place of the published one wherever there is one."""
    found = dict(ranking(catalog, figure, model))
    for (provider, of), own in (measured or {}).items():
        value = getattr(own, figure, None)
        entry = catalog.providers.get(provider)
        if of == model and value is not None and entry is not None and entry.route_of is None:
            found[provider] = value
    return _sorted(found, FIGURES[figure][1])


def pick(
    catalog: Catalog, preset: Preset, available: Callable[[str], bool], measured: Measured | None = None
) -> list[str]:
    """The lanes of a ranked preset, best first.

    latency: lowest TTFT · throughput: highest output tokens/s · cheapest: lowest
    blended price that counts today · balanced: lowest sum of the places by throughput and by price, among
    those that have both · all: every provider of the model, in the catalog's order, not cut to `top`.
    TTFT and speed are the user's own where `measured` has them, else the published ones. Only providers for
    which `available` says yes take part; those without the figure are left out. A second route to the same
    host takes part only in `all` at the simulated hosts, where asking twice costs nothing.
    """
    model = preset.model or DEFAULT_MODEL
    with_routes = preset.rank == "all" and catalog.simulator is not None
    here = [
        p
        for p, provider in catalog.providers.items()
        if model in provider.models and (with_routes or provider.route_of is None) and available(p)
    ]
    if preset.rank == "all":
        ranked = here
    else:
        fast = [p for p, _ in known_ranking(catalog, "output_tps", model, measured) if p in here]
        cheap = [p for p, _ in by_price(catalog, model) if p in here]
        ranked = {
            "latency": [p for p, _ in known_ranking(catalog, "ttft_s", model, measured) if p in here],
            "throughput": fast,
            "cheapest": cheap,
            "balanced": balanced(fast, cheap),
        }[preset.rank or "balanced"][: preset.top]
    return ranked if model == DEFAULT_MODEL else [f"{p}:{model}" for p in ranked]


def by_price(catalog: Catalog, model: str) -> list[tuple[str, float]]:
    """Provider ids and the blended price that counts today, cheapest first."""
    prices = {p: o.price for p, provider in catalog.providers.items() if (o := provider.models.get(model))}
    return _sorted({p: blended(price) for p, price in prices.items() if price}, False)


def balanced(fast: list[str], cheap: list[str]) -> list[str]:
    """Those in both lists, by the sum of their places."""
    both = [p for p in fast if p in cheap]
    fast, cheap = both, [p for p in cheap if p in both]
    return sorted(both, key=lambda p: (fast.index(p) + cheap.index(p), p))


def newest(offer: Offer, read: Callable[[Published], float | None]) -> float | None:
    """A figure as the newest page that has it gives it."""
    page = newest_page(offer, read)
    return None if page is None else read(page)


def newest_page(offer: Offer, read: Callable[[Published], float | None]) -> Published | None:
    """The newest page that has a figure; pages without a date count as older."""
    known = [page for page in offer.published if read(page) is not None]
    return max(known, key=lambda page: page.as_of.toordinal() if page.as_of else 0, default=None)


def _sorted(values: dict[str, float], more_is_better: bool) -> list[tuple[str, float]]:
    return sorted(values.items(), key=lambda item: (-item[1] if more_is_better else item[1], item[0]))
