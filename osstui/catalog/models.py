"""The shape of a catalog file, version 1. Units: prices in US$ per 1 million tokens, sizes in tokens.

`Price` and `Quirks` are the dataclasses of `osstui.job`: what a file says is what the engine gets.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address
from math import isfinite
from typing import Annotated, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
    with_config,
)
from pydantic_core import CoreSchema

from osstui.catalog.problems import did_you_mean, nearest
from osstui.job import Effort, Price, Quirks

Dialect = Literal["openai-chat", "openai-responses", "anthropic-messages", "ollama-chat"]
Status = Literal["live", "uncertain", "unverified"]
Rank = Literal["latency", "throughput", "cheapest", "balanced", "all"]

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
with_config(_STRICT)(Price)
with_config(_STRICT)(Quirks)

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_APPENDED = ("/chat/completions", "/responses", "/messages", "/api/chat")
_KEY_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})


class _FromMapping:
    """Lets a strictly checked dataclass be written as a mapping."""

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        dataclass_schema = cast(dict[str, object], handler.resolve_ref_schema(schema))
        dataclass_schema["strict"] = False
        return schema


def _name_of_variable(name: str) -> str:
    if not _ENV_NAME.match(name):  # never echoed: somebody may have put the key itself here
        raise ValueError("wants names of environment variables in capitals, such as GROQ_API_KEY")
    return name


EnvName = Annotated[str, BeforeValidator(lambda v: _name_of_variable(v) if isinstance(v, str) else v)]
BuiltinTool = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Tokens = Annotated[int, Field(gt=0)]
Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Entry(BaseModel):
    model_config = _STRICT


class Model(_Entry):
    """Facts of the model itself, shared by its hosts."""

    name: str
    maker: str | None = None
    context: Tokens | None = None
    max_output: Tokens | None = None
    reasoning_efforts: tuple[Effort, ...] = ()
    tokenizer: str | None = None
    """`o200k_harmony` where that is the model's own vocabulary, so that local counts are exact."""
    notes: str | None = None
    website: str | None = None


class Published(_Entry):
    """What a public page says that the host achieves, and the price that it saw at that time."""

    source: str
    as_of: date | None = None
    output_tps: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Output tokens per second after the first."""
    ttft_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    input: Dollars | None = None
    output: Dollars | None = None
    blended: Dollars | None = None
    """(3 · input + output) / 4, where the page gives it but not both parts."""
    note: str | None = None


class OtherPrice(_Entry):
    """A price that another source gives, or that held before."""

    source: str
    as_of: date | None = None
    input: Dollars | None = None
    output: Dollars | None = None
    cached_input: Dollars | None = None
    note: str | None = None


class Offer(_Entry):
    """One model at one host."""

    id: str = Field(min_length=1)
    """What this host calls the model."""
    price: Annotated[Price, _FromMapping()] | None = None
    """The newest price that counts; None where no source can be trusted."""
    other_prices: tuple[OtherPrice, ...] = ()
    context: Tokens | None = None
    max_output: Tokens | None = None
    published: tuple[Published, ...] = ()
    status: Status | None = None
    """Where it differs from the provider's."""
    quantization: str | None = None
    builtin_tools: tuple[BuiltinTool, ...] = ()
    """Tools that the host itself runs for this model, by the `type` that switches each on."""
    notes: str | None = None

    @field_validator("price")
    @classmethod
    def _not_negative(cls, price: Price | None) -> Price | None:
        for name in ("input", "output", "cached_input") if price else ():
            amount = getattr(price, name)
            if amount is not None and not (isfinite(amount) and amount >= 0):
                raise ValueError(f"{name} must be 0 or more US$ per 1M tokens, not {amount:g}")
        return price


class Variable(_Entry):
    """Fills a {placeholder} of the base URL: environment, then `cases`, then `default`."""

    env: tuple[EnvName, ...] = ()
    """Environment variables to look at, first one set wins."""
    of: str | None = None
    """Another variable, whose value chooses among `cases`."""
    cases: dict[str, str] = Field(default_factory=dict)
    default: str | None = None
    """May hold other {placeholders}."""


class Provider(_Entry):
    """A host: where it is, how it is spoken to, where its key is found and what it sells."""

    id: str
    name: str
    base_url: str
    """The dialect's own path, such as `/chat/completions`, is appended to it."""
    dialect: Dialect = "openai-chat"
    api_key_env: tuple[EnvName, ...] = ()
    api_key_command: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    quirks: Annotated[Quirks, _FromMapping()] = Field(default_factory=Quirks)
    variables: dict[
        str, Annotated[Variable, BeforeValidator(lambda v: {"default": v} if isinstance(v, str) else v)]
    ] = Field(default_factory=dict)
    models: dict[str, Offer] = Field(default_factory=dict)
    status: Status = "live"
    local: bool = False
    """A server of the user's own: takes a key, but works without one."""
    route_of: str | None = None
    """The provider that this entry is another route to: what it leaves unsaid is taken from there, except
    dialect, quirks, headers, notes and published figures. Presets and rankings
    count a host once, without its other routes."""
    also_known_as: tuple[str, ...] = ()
    """What price lists call this host (see `osstui.catalog.update`), where that is not its id or name."""
    website: str | None = None
    notes: str | None = None

    @property
    def key_required(self) -> bool:
        """Whether this host answers nothing without a key."""
        return not self.local and bool(self.api_key_env or self.api_key_command)

    @field_validator("base_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        # The address is never echoed: a key may stand in it.
        parts = urlsplit(_PLACEHOLDER.sub("x", url))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must start with http:// or https:// and a host")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password; a key goes where api_key_env says")
        if parts.query or parts.fragment or any(c.isspace() or c in "{}" for c in parts.geturl()):
            raise ValueError("must be a plain address without query, spaces or stray braces")
        if _port_is_wrong(url):
            raise ValueError("has a port that is not a number from 1 to 65535")
        for path in _APPENDED:
            if url.rstrip("/").endswith(path):
                path = path.removeprefix("/api")
                raise ValueError(f"must end before {path}, which the dialect appends")
        return url

    @field_validator("variables")
    @classmethod
    def _find_what_they_need(
        cls, variables: dict[str, Variable], info: ValidationInfo
    ) -> dict[str, Variable]:
        above: set[str] = set()
        for name, variable in variables.items():
            if variable.of is not None and variable.of not in above:
                raise ValueError(f'{name} goes by "{variable.of}", which is no variable above it')
            above.add(name)
        wanted = _PLACEHOLDER.findall(info.data.get("base_url", ""))
        spare = above.difference(wanted)
        for name in wanted:
            if name not in above and nearest(name, spare):
                hint = did_you_mean(name, spare)
                raise ValueError(f"fill no {{{name}}}, which base_url holds{hint}")
        return variables

    @field_validator("headers")
    @classmethod
    def _hold_no_key(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in _KEY_HEADERS:
                raise ValueError(f"must not hold {name}: keys go where api_key_env or api_key_command says")
            if not _HEADER_NAME.match(name) or not value.isprintable():
                raise ValueError(f'"{name}" is not a header that can be sent: one line of printable text')
        return headers

    @model_validator(mode="after")
    def _keeps_its_key_private(self) -> Self:
        parts = urlsplit(self.base_url)
        has_key = self.api_key_env or self.api_key_command
        if has_key and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError(
                f"base_url would send the key in clear over plain http to {parts.hostname}; "
                "use https, or clear api_key_env and api_key_command with null"
            )
        return self


class Preset(_Entry):
    """A named set of lanes: written out, or the best few by what is published (see `presets.pick`)."""

    description: str | None = None
    lanes: tuple[str, ...] = ()
    rank: Rank | None = None
    model: str | None = None
    """The model that a ranked preset asks for; the default model when absent."""
    top: Annotated[int, Field(gt=0)] = 5

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if bool(self.lanes) == bool(self.rank):
            raise ValueError("needs either lanes: [provider, provider:model, …] or rank: …")
        return self


def is_loopback(host: str) -> bool:
    """True for this machine's own names and addresses."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _port_is_wrong(url: str) -> bool:
    try:
        return urlsplit(_PLACEHOLDER.sub("1", url)).port == 0
    except ValueError:
        return True
