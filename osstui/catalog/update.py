"""From price lists to the file of fetched prices: what differs, and what is written.

What is fetched has a file of its own beside the user's (`prices.yaml`), laid between the shipped catalog and
the user's: so the file that people write is never rewritten by a program, their own prices win over fetched
ones, and going back is deleting one file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from osstui.catalog.price_lists import Listed
from osstui.whole_file import write_whole

if TYPE_CHECKING:
    from osstui.catalog.catalog import Catalog
    from osstui.catalog.models import Offer, OtherPrice
    from osstui.job import Price

HEADER = """\
# Prices that `osstui catalog update` fetched. It writes this file again each time; your own prices and
# everything else go into providers.yaml beside it, which wins. Delete this file to go back to the prices
# that osstui came with.
"""
_FIELDS = ("input", "output", "cached_input", "context", "max_output")

Entry = dict[str, object]


class UpdateError(Exception):
    """The file of fetched prices can't be read or written; the message is one line."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of one host that a list gives differently."""

    provider: str
    model: str
    field: str
    old: float | int | None
    new: float | int | None
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update would do. Nothing is written yet."""

    changes: tuple[Change, ...]
    confirmed: tuple[str, ...]
    """Hosts whose figures are as listed: only the date of their price moves."""
    unclear: tuple[str, ...]
    """Hosts that a list gives several prices for, or one that can't be, one line each; left as they are."""
    gone: tuple[str, ...]
    """Hosts whose price came from a list that names them no more; they keep it, with its date."""
    unknown: tuple[Listed, ...]
    """Hosts that sell the model and have no entry."""
    entries: dict[str, dict[str, Entry]]
    """What to write: by provider, then by model."""


def plan(catalog: Catalog, model: str, lists: Sequence[Sequence[Listed]], today: date) -> Plan:
    """What the lists say beyond the catalog; where two give a host, the first list counts.

    `catalog` is the shipped one with earlier fetched prices, without the user's own file.
    """
    places = _places(catalog)
    offered: dict[tuple[str, str], list[Listed]] = {}
    unknown: dict[str, Listed] = {}
    unclear: list[str] = []
    for listed in (entry for one in lists for entry in one):
        if not listed.believable:
            told = f"{listed.input:g}/{listed.output:g} US$ per 1M tokens, which can't be"
            unclear.append(f"{listed.names[-1]}: {listed.source} says {told}")
            continue
        ids = places.find(listed.names)
        found = [(i, m) for i in ids if (m := _offer_name(catalog.providers[i].models, model, listed))]
        for place in found:
            offered.setdefault(place, []).append(listed)
        if not ids and _is_model(listed, model):
            unknown.setdefault(_fold(listed.names[-1]), listed)
    changes: list[Change] = []
    confirmed: list[str] = []
    entries: dict[str, dict[str, Entry]] = {}
    for (provider, name), candidates in offered.items():
        first = [entry for entry in candidates if entry.source == candidates[0].source]
        pairs = {(entry.input, entry.output) for entry in first}
        if len(pairs) > 1:
            told = ", ".join(f"{i:g}/{o:g}" for i, o in sorted(pairs))
            unclear.append(f"{provider}: {first[0].source} gives several prices ({told})")
            continue
        offer = catalog.providers[provider].models[name]
        new = first[0]
        found_changes = _changes(provider, name, offer, new)
        changes += found_changes
        if not found_changes:
            confirmed.append(_spec(provider, name, model))
        rest = [entry for entry in candidates if entry.source != new.source]
        entries.setdefault(provider, {})[name] = _entry(offer, new, rest, today)
    gone = _gone(catalog, model, {entry.source for one in lists for entry in one}, offered.keys())
    return Plan(tuple(changes), tuple(confirmed), tuple(unclear), gone, tuple(unknown.values()), entries)


def _spec(provider: str, name: str, model: str) -> str:
    return provider if name == model else f"{provider}:{name}"


def _gone(
    catalog: Catalog, model: str, sources: Collection[str], offered: Collection[tuple[str, str]]
) -> tuple[str, ...]:
    return tuple(
        f"{_spec(provider.id, name, model)} ({offer.price.source})"
        for provider in catalog.providers.values()
        if provider.route_of is None
        for name, offer in provider.models.items()
        if name.startswith(model) and (provider.id, name) not in offered
        if offer.price is not None and offer.price.source in sources
    )


def _places(catalog: Catalog) -> _Places:
    places = _Places()
    for provider in catalog.providers.values():
        if provider.route_of is None and not provider.local:
            for name in (provider.id, provider.name, *provider.also_known_as):
                places.add(name, provider.id)
    return places


class _Places:
    """Provider ids by every name of theirs, spelling aside."""

    def __init__(self) -> None:
        self._ids: dict[str, list[str]] = {}

    def add(self, name: str, provider: str) -> None:
        ids = self._ids.setdefault(_fold(name), [])
        if provider not in ids:
            ids.append(provider)

    def find(self, names: Iterable[str]) -> Sequence[str]:
        """The ids that go by the first of these names that anybody has."""
        return next((self._ids[name] for name in map(_fold, names) if name in self._ids), ())


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _offer_name(offers: dict[str, Offer], model: str, listed: Listed) -> str | None:
    """Which of the host's offers is meant, None for one that the catalog doesn't have."""
    if listed.model_id is not None:
        wanted = listed.model_id.casefold()
        return next((name for name, offer in offers.items() if offer.id.casefold() == wanted), None)
    variant = f"{model}-{listed.variant}".casefold()
    return variant if listed.variant and variant in offers else model if model in offers else None


def _is_model(listed: Listed, model: str) -> bool:
    return listed.model_id is None or listed.model_id.casefold().rpartition("/")[2] == model


def _changes(provider: str, model: str, offer: Offer, new: Listed) -> list[Change]:
    found = []
    for field in _FIELDS:
        old = getattr(offer if field in ("context", "max_output") else offer.price, field, None)
        value = _cached(offer.price, new) if field == "cached_input" else getattr(new, field)
        if value is None and field in ("context", "max_output"):
            continue
        if value != old:
            found.append(Change(provider, model, field, old, value, new.source))
    return found


def _cached(old: Price | None, new: Listed) -> float | None:
    """The price of cached input: as listed, else the known one as long as it belongs to the same price."""
    if new.cached_input is not None or old is None:
        return new.cached_input
    return old.cached_input if (old.input, old.output) == (new.input, new.output) else None


def _entry(offer: Offer, new: Listed, rest: Sequence[Listed], today: date) -> Entry:
    """The offer's part of the file. A null clears what the shipped catalog says there."""
    price = {
        "input": new.input,
        "output": new.output,
        "cached_input": _cached(offer.price, new),
        "source": new.source,
        "as_of": today,
    }
    others = [_other(e, e.source, today) for e in rest]
    if offer.price is not None:
        others.append(_other(offer.price, offer.price.source or "unknown", offer.price.as_of))
    others += [_other(other, other.source, other.as_of, other.note) for other in offer.other_prices]
    newest: dict[object, Entry] = {}
    for other in others:
        key = (other["source"], other.get("note"))
        if other["source"] != new.source and key not in newest:
            newest[key] = other
    sizes = {"context": new.context, "max_output": new.max_output}
    known = {name: size for name, size in sizes.items() if size is not None}
    return {"price": price, **known, "other_prices": list(newest.values())}


def _other(
    price: Listed | Price | OtherPrice, source: str, as_of: date | None, note: str | None = None
) -> Entry:
    amounts = {name: getattr(price, name) for name in ("input", "output", "cached_input")}
    entry: Entry = {**amounts, "source": source, "as_of": as_of, "note": note}
    return {name: value for name, value in entry.items() if value is not None}


class _Dumper(yaml.SafeDumper):
    """YAML for people: a date that stands at every price is written at every price."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def merged(text: str, entries: dict[str, dict[str, Entry]]) -> str:
    """The new text of the file: `text` (empty when there is none) with these offers in it.

    Raises UpdateError when `text` is not such a file.
    """
    try:
        tree = yaml.safe_load(text) or {}
        providers = dict(tree.get("providers") or {})
        for provider, offers in entries.items():
            known = dict(providers.get(provider) or {})
            providers[provider] = {**known, "models": {**(known.get("models") or {}), **offers}}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError):
        raise UpdateError("this is not a file of fetched prices; delete it and try again") from None
    document = {**tree, "version": 1, "providers": dict(sorted(providers.items()))}
    return HEADER + yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def write(path: Path, entries: dict[str, dict[str, Entry]]) -> None:
    """Puts the entries into the file, whole or not at all, for its owner alone. Raises UpdateError."""
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        write_whole(path, merged(text, entries))
    except UpdateError as error:
        raise UpdateError(f"{path}: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UpdateError(f"{path}: can't be written: {getattr(error, 'strerror', None) or error}") from None
