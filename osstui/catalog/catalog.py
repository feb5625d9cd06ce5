"""The catalog as it is used: names in, targets out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from osstui.catalog.lanes import parse_lanes
from osstui.catalog.problems import CatalogError, Problem, did_you_mean
from osstui.job import Target

if TYPE_CHECKING:
    from osstui.catalog.models import Model, Offer, Preset, Provider
    from osstui.catalog.presets import Measured

DEFAULT_MODEL = "gpt-oss-120b"
_HARMONY = "o200k_harmony"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Catalog:
    """Providers, models and presets by name, and what was wrong with the files they came from."""

    providers: dict[str, Provider]
    models: dict[str, Model]
    presets: dict[str, Preset]
    problems: tuple[Problem, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Fills the variables of base URLs; never read for keys."""
    simulator: str | None = None
    """The base URL of the simulated fleet that stands for every provider, None for the real ones."""

    def target(self, spec: str) -> Target:
        """The target of `provider`, `provider:model` or `provider:raw/model-id`.

        A raw id that the catalog doesn't know gives a target without price. Raises CatalogError, one line
        that names the nearest known id, for a provider that doesn't exist or is disabled, and for one that
        doesn't offer the default model when no model is named.
        """
        provider_id, colon, wanted = spec.strip().partition(":")
        provider = self.provider(provider_id)
        if colon and not wanted:
            raise CatalogError(f'"{spec}" names no model; write {provider_id} or {provider_id}:MODEL')
        model, offer = self._offer(provider, wanted or DEFAULT_MODEL)
        if offer is None and not wanted:
            known = ", ".join(provider.models) or "none is listed, use the host's own id"
            raise CatalogError(
                f'provider "{provider_id}" has no {DEFAULT_MODEL}; write {provider_id}:MODEL (known: {known})'
            )
        target = self._real_target(provider, model, offer)
        return target if self.simulator is None else _at_simulator(target, self.simulator)

    def targets(self, specs: Sequence[str]) -> list[tuple[str, Target]]:
        """Each spec's target under a name of its own: `groq` twice gives `groq` and `groq#2`.

        Raises CatalogError like `target`.
        """
        named: dict[str, Target] = {}
        for spec in specs:
            lane, n = spec.strip(), 1
            while lane in named:
                n += 1
                lane = f"{spec.strip()}#{n}"
            named[lane] = self.target(spec)
        return list(named.items())

    def lanes(self, values: Iterable[str]) -> list[str]:
        """The specs of several `-p` values, commas resolved (see `parse_lanes`)."""
        return [spec for value in values for spec in parse_lanes(value, self.providers)]

    def preset(
        self, name: str, available: Callable[[str], bool], measured: Measured | None = None
    ) -> list[str]:
        """The lane specs of a preset: as written, or the best of the providers that are `available`.

        `available` takes a provider's id; `measured` counts before what is published. The list is empty when
        a ranked preset finds nobody.
        Raises CatalogError for an unknown or disabled preset.
        """
        from osstui.catalog.presets import pick

        preset = self.presets.get(name)
        if preset is None:
            raise self._unknown("preset", name, self.presets)
        return list(preset.lanes) or pick(self, preset, available, measured)

    def simulated(self, base_url: str) -> Catalog:
        """The same catalog with every provider at `{base_url}/{provider id}{path of its real base URL}`.

        Its targets need no key and have `simulated` set.
        """
        return replace(self, simulator=base_url.rstrip("/"))

    def provider(self, provider_id: str) -> Provider:
        """The entry. Raises CatalogError that names the nearest id, or says why the entry is disabled."""
        provider = self.providers.get(provider_id)
        if provider is None:
            raise self._unknown("provider", provider_id, self.providers)
        return provider

    @property
    def key_variables(self) -> frozenset[str]:
        """Every environment variable that may hold a key."""
        return frozenset(name for provider in self.providers.values() for name in provider.api_key_env)

    def offer_of(self, target: Target) -> Offer | None:
        """What a target's provider says of its model; None for a model id that the catalog doesn't list."""
        provider = self.providers.get(target.provider)
        return provider.models.get(target.model) if provider else None

    def _unknown(self, what: str, name: str, known: Iterable[str]) -> CatalogError:
        for problem in self.problems:
            if problem.entry == f"{what}s.{name}":
                return CatalogError(f'{what} "{name}" is disabled: {problem}')
        return CatalogError(f'there is no {what} "{name}"{did_you_mean(name, known)}')

    def _offer(self, provider: Provider, wanted: str) -> tuple[str, Offer | None]:
        """The offer by the catalog's name of the model or by the host's id of it."""
        if wanted in provider.models:
            return wanted, provider.models[wanted]
        for name, offer in provider.models.items():
            if offer.id == wanted:
                return name, offer
        return wanted, None

    def _real_target(self, provider: Provider, model: str, offer: Offer | None) -> Target:
        facts = self.models.get(model)
        variables, open_ones = _variables(provider, self.environ)
        return Target(
            provider=provider.id,
            provider_name=provider.name,
            base_url=provider.base_url,
            dialect=provider.dialect,
            model=model,
            model_id=offer.id if offer else model,
            api_key_env=provider.api_key_env,
            api_key_command=provider.api_key_command,
            key_required=provider.key_required,
            headers=dict(provider.headers),
            variables=variables,
            variables_env=open_ones,
            quirks=provider.quirks,
            price=offer.price if offer else None,
            context=_first(offer.context if offer else None, facts.context if facts else None),
            max_output=_first(offer.max_output if offer else None, facts.max_output if facts else None),
            builtin_tools=offer.builtin_tools if offer else (),
            exact_tokenizer=facts.tokenizer == _HARMONY if facts else "gpt-oss" in model.lower(),
        )


def _first(own: int | None, shared: int | None) -> int | None:
    return shared if own is None else own


def _variables(
    provider: Provider, environ: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The base URL's variables that have a value, and those that wait for one of their environment names.

    A variable takes the first set of its `env`, else the case of the variable that it goes by, else its
    default. Variables stand in the order in which they need each other.
    """
    filled: dict[str, str] = {}
    waiting: dict[str, tuple[str, ...]] = {}
    for name, variable in provider.variables.items():
        value = next((environ[env] for env in variable.env if environ.get(env)), None)
        if value is None and variable.of is not None:
            value = variable.cases.get(filled.get(variable.of, ""))
        if value is None and variable.default is not None:
            value = _fill(variable.default, filled)
        if value is None:
            waiting[name] = variable.env
        else:
            filled[name] = value
    return filled, waiting


def _fill(text: str, variables: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: variables.get(match[1], match[0]), text)


def _at_simulator(target: Target, simulator: str) -> Target:
    from msgspec.structs import replace as with_changes

    path = urlsplit(_fill(target.base_url, target.variables)).path
    path = _PLACEHOLDER.sub(lambda match: match[1], path)
    return with_changes(
        target,
        base_url=f"{simulator}/{target.provider}{path.rstrip('/')}",
        api_key_env=(),
        api_key_command=None,
        key_required=False,
        headers={},
        variables={},
        variables_env={},
        simulated=True,
    )
