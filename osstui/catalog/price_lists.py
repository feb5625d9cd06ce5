"""Public price lists, read into one form. Both are others' data: nothing in them is trusted to make sense.

OpenRouter, `GET /api/v1/models/{author}/{slug}/endpoints`: `data.endpoints[]`, one for each deployment of
the model, with `provider_name`, `tag` ("deepinfra/bf16"), `pricing` as strings in US$ per token,
`context_length`, `max_completion_tokens` and `status` (below 0: not in service).
models.dev, `GET /api.json`: `{provider: {name, models: {id: {cost, limit}}}}`, US$ per 1 million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import inf

import msgspec

OPENROUTER = "openrouter.ai endpoints"
MODELS_DEV = "models.dev"
_LEAST_DOLLARS, _MOST_DOLLARS = 0.0005, 1_000.0
"""No host has ever sold a million tokens for less or more: beyond, somebody mixed up the units."""
_MOST_TOKENS = 1_000_000_000


class PriceListError(ValueError):
    """The document is not such a list; the message is one line."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says of one model at one host. Prices in US$ per 1 million tokens, sizes in tokens."""

    names: tuple[str, ...]
    """What the list calls the host, the best known name first."""
    model_id: str | None
    """The host's own id of the model, where the list tells it."""
    variant: str
    """A word for one deployment among several of the host, such as `turbo` or `bf16`; may be empty."""
    input: float
    output: float
    cached_input: float | None
    context: int | None
    max_output: int | None
    source: str

    @property
    def believable(self) -> bool:
        """Whether the prices can be prices per 1 million tokens, not per token or per 1,000."""
        return all(_LEAST_DOLLARS <= price <= _MOST_DOLLARS for price in (self.input, self.output))


def read_openrouter(body: bytes) -> list[Listed]:
    """The endpoints that are in service and have a price. Raises PriceListError."""
    data = _mapping(_decoded(body, OPENROUTER).get("data"))
    endpoints = data.get("endpoints")
    if not isinstance(endpoints, list):
        raise PriceListError(f"{OPENROUTER}: this is not a list of endpoints")
    return [found for endpoint in endpoints for found in _endpoint(_mapping(endpoint))]


def _endpoint(endpoint: dict[str, object]) -> Iterator[Listed]:
    pricing = _mapping(endpoint.get("pricing"))
    input, output = _per_million(pricing.get("prompt")), _per_million(pricing.get("completion"))
    status = endpoint.get("status")
    slug, _, variant = _text(endpoint.get("tag")).partition("/")
    names = tuple(name for name in (_text(endpoint.get("provider_name")), slug) if name)
    if input is None or output is None or not names or (isinstance(status, int) and status < 0):
        return
    yield Listed(
        names=names,
        model_id=None,
        variant=variant,
        input=input,
        output=output,
        cached_input=_per_million(pricing.get("input_cache_read")),
        context=_tokens(endpoint.get("context_length")),
        max_output=_tokens(endpoint.get("max_completion_tokens")),
        source=OPENROUTER,
    )


def read_models_dev(body: bytes, model: str) -> list[Listed]:
    """Every host's models whose id holds the model's name, as far as they have a price.

    Raises PriceListError.
    """
    document = _decoded(body, MODELS_DEV)
    found: list[Listed] = []
    hosts = 0
    for slug, host in document.items():
        models = _mapping(_mapping(host).get("models"))
        hosts += bool(models)
        for model_id, entry in models.items():
            if model in model_id.casefold():
                names = tuple(name for name in (_text(_mapping(host).get("name")), slug) if name)
                found += _model(names, model_id, _mapping(entry))
    if not hosts:
        raise PriceListError(f"{MODELS_DEV}: this is not a list of providers")
    return found


def _model(names: tuple[str, ...], model_id: str, entry: dict[str, object]) -> Iterator[Listed]:
    cost, limit = _mapping(entry.get("cost")), _mapping(entry.get("limit"))
    input, output = _dollars(cost.get("input")), _dollars(cost.get("output"))
    if input is None or output is None:
        return
    yield Listed(
        names=names,
        model_id=model_id,
        variant="",
        input=input,
        output=output,
        cached_input=_dollars(cost.get("cache_read")),
        context=_tokens(limit.get("context")),
        max_output=_tokens(limit.get("output")),
        source=MODELS_DEV,
    )


def _decoded(body: bytes, source: str) -> dict[str, object]:
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise PriceListError(f"{source}: the answer is not JSON") from None
    if not isinstance(value, dict):
        raise PriceListError(f"{source}: the answer is not a JSON object")
    return value


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _per_million(value: object) -> float | None:
    """US$ per token, written as a decimal string, to US$ per million."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        return _dollars(float(Decimal(str(value)) * 1_000_000))
    except (InvalidOperation, OverflowError):
        return None


def _dollars(value: object) -> float | None:
    """An amount. Nothing and less are none: lists write "free" and "varies" like that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(float(value), 9) or None if 0 < value < inf else None


def _tokens(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST_TOKENS:
        return None
    return int(value)
