"""All hosts of one model as a table: rows out of the catalog, sorted, filtered, and fitted to a width.

Nothing here reads a clock, an environment or a key: today's date and what is known of keys are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol
from unicodedata import combining, east_asian_width

from osstui.catalog.catalog import DEFAULT_MODEL
from osstui.catalog.presets import FIGURES, blended, newest
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.catalog.catalog import Catalog
    from osstui.catalog.models import Offer, Provider

STALE_DAYS = 90
"""A price older than this is marked: hosts of open models change theirs every few months."""
UNKNOWN = "–"
GAP = "  "

Freshness = Literal["fresh", "stale", "undated"]
Paint = Callable[[str, str], str]


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
    route_of: str | None


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
    catalog: Catalog,
    keys: Mapping[str, KeyState],
    servers: Mapping[str, bool],
    today: date,
    *,
    model: str = DEFAULT_MODEL,
    as_published: bool = False,
) -> list[Row]:
    """The hosts of a model in the catalog's order.

    `servers` tells of local providers whether they answer. Prices are those that count today; with
    `as_published`, those that the pages with the speeds saw, at their own time.
    """
    return [
        _row(catalog, provider, offer, model, keys, servers, today, as_published)
        for provider in catalog.providers.values()
        if (offer := provider.models.get(model)) is not None
    ]


def lane_row(
    catalog: Catalog, spec: str, keys: Mapping[str, KeyState], servers: Mapping[str, bool], today: date
) -> Row:
    """The row of any lane that can be named, raw model ids included. Raises CatalogError like `target`."""
    target = catalog.target(spec)
    provider = catalog.providers[target.provider]
    offer = provider.models.get(target.model)
    return _row(catalog, provider, offer, target.model, keys, servers, today, False)


def _row(
    catalog: Catalog,
    provider: Provider,
    offer: Offer | None,
    model: str,
    keys: Mapping[str, KeyState],
    servers: Mapping[str, bool],
    today: date,
    as_published: bool,
) -> Row:
    seen = {figure: newest(offer, read) if offer else None for figure, (read, _) in FIGURES.items()}
    price = offer.price if offer else None
    target = catalog.target(f"{provider.id}:{model}")
    told, usable = key_text(provider, keys.get(provider.id), servers.get(provider.id))
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
        freshness=None if as_published or price is None else freshness(price.as_of, today),
        context=target.context,
        max_output=target.max_output,
        ttft_s=seen["ttft_s"],
        output_tps=seen["output_tps"],
        status=(offer.status if offer else None) or provider.status,
        route_of=provider.route_of,
    )


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


@dataclass(frozen=True, slots=True)
class Column:
    """How one figure is shown and sorted. The least important column leaves first where room is short."""

    key: str
    title: str
    importance: int
    text: Callable[[Row], str]
    value: Callable[[Row], float | str | None]
    more_is_better: bool = False
    left: bool = False


def _dollars(value: float | None, row: Row) -> str:
    if value is None:
        return UNKNOWN
    digits = f"{value:.4f}".rstrip("0")
    whole, _, part = digits.partition(".")
    return f"{MARKS.get(row.freshness, '')}{whole}.{part.ljust(2, '0')}"


MARKS: dict[Freshness | None, str] = {"stale": "!", "undated": "?"}
LEGEND = f"! price older than {STALE_DAYS} days   ? price without a date   {UNKNOWN} not known"


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f} s"


COLUMNS: tuple[Column, ...] = (
    Column("name", "provider", 100, lambda r: r.provider, lambda r: r.provider, left=True),
    Column("title", "name", 20, lambda r: r.name, lambda r: r.name.casefold(), left=True),
    Column("key", "key", 80, lambda r: r.key, lambda r: f"{not r.usable} {r.key}", left=True),
    Column("dialect", "dialect", 30, lambda r: r.dialect, lambda r: r.dialect, left=True),
    Column("input", "$ in", 70, lambda r: _dollars(r.input, r), lambda r: r.input),
    Column("output", "$ out", 69, lambda r: _dollars(r.output, r), lambda r: r.output),
    Column("cached", "$ cached", 25, lambda r: _dollars(r.cached_input, r), lambda r: r.cached_input),
    Column("blended", "$ 3:1", 90, lambda r: _dollars(r.blended, r), lambda r: r.blended),
    Column("context", "context", 40, lambda r: _count(r.context), lambda r: r.context, more_is_better=True),
    Column("latency", "TTFT", 85, lambda r: _seconds(r.ttft_s), lambda r: r.ttft_s),
    Column(
        "throughput", "tok/s", 86, lambda r: _count(r.output_tps), lambda r: r.output_tps,
        more_is_better=True,
    ),
    Column("status", "status", 50, lambda r: r.status, lambda r: r.status, left=True),
    Column(
        "age", "price of", 35, lambda r: str(r.price_as_of or UNKNOWN),
        lambda r: r.price_as_of.toordinal() if r.price_as_of else None, more_is_better=True,
    ),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}


def ordered(found: Iterable[Row], key: str, *, reverse: bool = False) -> list[Row]:
    """The rows by a column, the best first; those without a value last in either direction.

    Raises KeyError for a column that is not in COLUMNS.
    """
    column = BY_KEY[key]
    with_value = [row for row in found if column.value(row) is not None]
    without = sorted((row for row in found if column.value(row) is None), key=lambda row: row.provider)
    with_value.sort(key=lambda row: row.provider)
    with_value.sort(key=column.value, reverse=column.more_is_better != reverse)  # type: ignore[arg-type]
    return [*with_value, *without]


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


@dataclass(frozen=True, slots=True)
class Fit:
    """The columns that a width has room for, and how wide each is, in cells."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]

    def cells(self, row: Row) -> list[tuple[str, str]]:
        """Each cell's text, safe and padded, and its kind: plain, good, missing, stale or dim."""
        return [
            (_pad(visible_line(column.text(row), width), width, column.left), _kind(row, column))
            for column, width in zip(self.columns, self.widths, strict=True)
        ]

    def head(self) -> list[tuple[str, str]]:
        """Each title, padded, and its column's key."""
        return [
            (_pad(visible_line(column.title, width), width, column.left), column.key)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]


def fit(found: Sequence[Row], width: int | None, columns: Sequence[Column] = COLUMNS) -> Fit:
    """What fits into `width` cells; None: everything."""
    widths = {column.key: _column_width(found, column) for column in columns}
    kept = list(columns)
    while width is not None and len(kept) > 1:
        if sum(widths[column.key] for column in kept) + len(GAP) * (len(kept) - 1) <= width:
            break
        kept.remove(min(kept, key=lambda column: column.importance))
    if width is not None and len(kept) == 1:
        widths[kept[0].key] = min(widths[kept[0].key], width)
    return Fit(tuple(kept), tuple(widths[column.key] for column in kept))


def render(found: Sequence[Row], width: int | None, paint: Paint | None = None) -> list[str]:
    """The table's lines, none wider than `width` cells; None: as wide as it wants to be.

    `paint(text, kind)` may colour a padded cell; kinds are head, good, missing, stale and dim.
    """
    colour = paint or (lambda text, kind: text)
    fitted = fit(found, width)
    lines = [GAP.join(colour(text, "head") for text, _ in fitted.head()).rstrip()]
    lines += [GAP.join(colour(text, kind) for text, kind in fitted.cells(row)).rstrip() for row in found]
    return lines


def _kind(row: Row, column: Column) -> str:
    if column.key == "key":
        return {True: "good", False: "missing", None: "plain"}[row.usable]
    if column.text(row) == UNKNOWN:
        return "dim"
    if column.key in ("input", "output", "cached", "blended", "age") and row.freshness == "stale":
        return "stale"
    if column.key == "status" and row.status != "live":
        return "stale"
    return "plain"


def _column_width(found: Sequence[Row], column: Column) -> int:
    return max([cells(column.title), *(cells(visible_line(column.text(row))) for row in found)])


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, left: bool) -> str:
    space = " " * (width - cells(text))
    return text + space if left else space + text
