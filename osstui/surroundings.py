"""Which hosts can be asked from here, by keys and local servers, and so with which lanes to begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from osstui.catalog import CatalogError

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Provider
    from osstui.catalog.presets import Measured
    from osstui.catalog.rows import Here
    from osstui.engine.api import Engine, KeyStatus, LocalServer
    from osstui.job import Target

DEMO_LANES = ("cerebras", "groq", "sambanova", "deepinfra", "together", "fireworks")
MOST_AT_FIRST = 6


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

    def here(self, today: date, measured: Measured | None = None) -> Here:
        """As the catalog's tables read it."""
        from osstui.catalog.rows import Here

        servers = {name: server.up for name, server in self.servers.items()}
        return Here(today, self.keys, servers, measured or {})

    def anybody(self, catalog: Catalog) -> bool:
        """Whether there is anybody to ask."""
        return any(map(self.usable, catalog.providers.values()))


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


def opening_specs(
    catalog: Catalog,
    around: Surroundings,
    preset: str | None,
    *,
    fits: int = MOST_AT_FIRST,
    measured: Callable[[], Measured] = dict,
) -> list[str]:
    """The lanes to begin with where none were named: a preset's, else the best of what is there.

    `fits` is how many of the demo's lanes there is room for; for `measured` see `preset_specs`.
    Raises CatalogError for a preset that does not exist.
    """
    if preset is not None:
        return preset_specs(catalog, around, preset, measured)
    if catalog.simulator is not None:
        return [spec for spec in DEMO_LANES if spec in catalog.providers][: max(2, fits)]
    return _best_there(catalog, around)


def preset_specs(
    catalog: Catalog, around: Surroundings, preset: str, measured: Callable[[], Measured]
) -> list[str]:
    """A preset's lanes among the hosts that can be asked; in the demo that is the whole fleet.

    A preset goes by `measured`, the user's own figures, before published ones; they are looked up where they
    say something of the hosts asked, so not in the demo. Raises CatalogError.
    """
    if catalog.simulator is not None:
        return catalog.preset(preset, lambda _: True)
    return catalog.preset(preset, lambda name: around.usable(catalog.providers[name]), measured())


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
