"""What the app opens with: which lanes, and whether they are real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

from osstui.catalog import CatalogError

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Provider
    from osstui.catalog.presets import Measured
    from osstui.engine.api import Engine, KeyStatus, LocalServer
    from osstui.job import Target

DEMO_LANES = ("cerebras", "groq", "sambanova", "deepinfra", "together", "fireworks")
MOST_AT_FIRST = 6
MOST_LANES = 32
"""That the screen has panes for."""

Demo = bool | Literal["auto"]


class Simulator(Protocol):
    """A simulated fleet of providers on loopback."""

    async def start_async(self) -> str:
        """Its base URL, once it listens."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Which keys and local servers are there."""

    keys: dict[str, KeyStatus] = field(default_factory=dict)
    servers: dict[str, LocalServer] = field(default_factory=dict)

    def usable(self, provider: Provider) -> bool:
        """Whether a request to this provider has a chance."""
        if provider.local:
            server = self.servers.get(provider.id)
            return server is not None and server.up
        key = self.keys.get(provider.id)
        return key is not None and (key.present or not key.required)


def today() -> date:
    """The user's own day, for the age of prices and published figures."""
    return date.today()


def default_spec(provider: Provider, server: LocalServer | None = None) -> str:
    """How the provider's first model is named: the id alone where it has the default model."""
    from osstui.catalog import DEFAULT_MODEL

    offered = provider.models.get(DEFAULT_MODEL)
    if server is not None and server.models and (offered is None or offered.id not in server.models):
        return f"{provider.id}:{server.models[0]}"
    if offered is not None:
        return provider.id
    return f"{provider.id}:{next(iter(provider.models), DEFAULT_MODEL)}"


async def look_around(catalog: Catalog, engine: Engine) -> Surroundings:
    """Asks the engine about every provider. Keys never come back, only whether they are there."""
    targets: list[Target] = []
    for provider in catalog.providers.values():
        try:
            targets.append(catalog.target(default_spec(provider)))
        except CatalogError:  # a disabled entry can't be asked; the catalog's problems already say why
            continue
    keys = await engine.keys(targets)
    local = [target for target in targets if catalog.providers[target.provider].local]
    servers = await engine.probe(local)
    return Surroundings({key.provider: key for key in keys}, {server.provider: server for server in servers})


def usable_specs(catalog: Catalog, around: Surroundings) -> list[str]:
    """Every host that can be asked here, with its first model."""
    usable = [provider for provider in catalog.providers.values() if around.usable(provider)]
    return [default_spec(provider, around.servers.get(provider.id)) for provider in usable]


def wants_demo(demo: Demo, catalog: Catalog, around: Surroundings) -> bool:
    """`auto` is the demo when neither a key nor a local server is there."""
    if demo != "auto":
        return demo
    return not any(around.usable(provider) for provider in catalog.providers.values())


def opening_lanes(
    catalog: Catalog,
    around: Surroundings,
    lanes: Sequence[str],
    preset: str | None,
    *,
    demo: bool,
    fits: int,
    measured: Measured | None = None,
) -> list[str]:
    """The specs of the first lanes: those asked for, else a preset's, else the best of what is there.

    A preset goes by `measured`, the user's own figures, before published ones.

    Raises CatalogError for a preset that does not exist.
    """
    if lanes:
        return catalog.lanes(lanes)
    if preset is not None:
        return catalog.preset(
            preset, lambda provider: demo or around.usable(catalog.providers[provider]), measured
        )
    if demo:
        return [spec for spec in DEMO_LANES if spec in catalog.providers][: max(2, fits)]
    return _best_there(catalog, around)


def _best_there(catalog: Catalog, around: Surroundings) -> list[str]:
    """At most six: local servers, and the hosts with the highest published throughput, each by one route."""
    from osstui.catalog import ranking

    fast = [name for name, _ in ranking(catalog, "output_tps")]
    order = sorted(catalog.providers, key=lambda name: fast.index(name) if name in fast else len(fast))
    entries = [catalog.providers[name] for name in order if catalog.providers[name].route_of is None]
    there = [provider for provider in entries if around.usable(provider)]
    local = [default_spec(provider, around.servers.get(provider.id)) for provider in there if provider.local]
    hosts = [default_spec(provider) for provider in there if not provider.local]
    return [*hosts[: max(1, MOST_AT_FIRST - len(local))], *local][:MOST_AT_FIRST]
