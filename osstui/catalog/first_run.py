"""What to do when there is no key yet: which keys osstui would use, best first, and what runs here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from osstui.catalog.catalog import DEFAULT_MODEL
from osstui.catalog.presets import balanced, by_price, ranking
from osstui.catalog.rows import KeyState
from osstui.catalog.shells import Shell, export_line

if TYPE_CHECKING:
    from osstui.catalog.catalog import Catalog
    from osstui.catalog.models import Provider

_TRUST = {"live": 0, "uncertain": 1, "unverified": 2}


class ServerState(Protocol):
    """What is known of a local server (the engine's `LocalServer` is one)."""

    @property
    def provider(self) -> str: ...
    @property
    def up(self) -> bool: ...
    @property
    def models(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key, the hosts that it opens, and the exact lines that set it."""

    providers: tuple[str, ...]
    """Ids; the first is the one that gives the key its place."""
    source: str
    """The variable, or the program that prints the key."""
    present: bool
    lines: tuple[str, ...]
    """One for each variable that is still to be set; empty when all is there."""
    output_tps: float | None
    """Published output speed of the first provider, tokens per second."""
    blended: float | None
    """US$ per 1 million tokens at 3:1 there."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    keys: tuple[WantedKey, ...]
    """Best first: by price and speed together, then by price, then the rest; live hosts before uncertain."""
    servers: tuple[tuple[str, tuple[str, ...]], ...]
    """Local providers that answer, each with the models that it lists."""


def first_run(
    catalog: Catalog,
    keys: Mapping[str, KeyState],
    servers: Sequence[ServerState] = (),
    *,
    model: str = DEFAULT_MODEL,
    shell: Shell = "posix",
) -> FirstRun:
    """Which keys osstui would use for a model, with the line that sets each, and the local servers found."""
    speeds, prices = dict(ranking(catalog, "output_tps", model)), dict(by_price(catalog, model))
    wanted: dict[str, WantedKey] = {}
    for name in _best_first(catalog, model):
        provider = catalog.providers[name]
        source = _source(provider, keys.get(name))
        known = wanted.get(source)
        wanted[source] = WantedKey(
            providers=(*known.providers, name) if known else (name,),
            source=source,
            present=name in keys and keys[name].present,
            lines=known.lines if known else _lines(catalog, provider, model, keys.get(name), shell),
            output_tps=known.output_tps if known else speeds.get(name),
            blended=known.blended if known else prices.get(name),
        )
    up = tuple(
        (server.provider, server.models)
        for server in servers
        if server.up and catalog.providers[server.provider].route_of is None
    )
    return FirstRun(tuple(wanted.values()), up)


def _best_first(catalog: Catalog, model: str) -> list[str]:
    """Hosts of the model that need a key, in the order in which one would get keys for them."""
    cheap = [name for name, _ in by_price(catalog, model)]
    both = balanced([name for name, _ in ranking(catalog, "output_tps", model)], cheap)
    order = list(dict.fromkeys([*both, *cheap, *catalog.providers]))
    hosts = [
        name
        for name in order
        if (provider := catalog.providers[name]).key_required
        and provider.route_of is None
        and model in provider.models
    ]

    def trust(name: str) -> int:
        provider = catalog.providers[name]
        return _TRUST[provider.models[model].status or provider.status]

    return sorted(hosts, key=trust)


def _source(provider: Provider, key: KeyState | None) -> str:
    if key is not None and key.present and key.source not in (None, "command"):
        return str(key.source)
    return provider.api_key_env[0] if provider.api_key_env else str(provider.api_key_command).split()[0]


def _lines(
    catalog: Catalog, provider: Provider, model: str, key: KeyState | None, shell: Shell
) -> tuple[str, ...]:
    """What is still to be typed: variables of the address that nothing fills, and the key's own."""
    open_ones = catalog.target(f"{provider.id}:{model}").variables_env
    lines = [export_line(names[0], shell) for names in open_ones.values() if names]
    if provider.api_key_env and not (key is not None and key.present):
        lines.append(export_line(provider.api_key_env[0], shell))
    return tuple(lines)
