"""What is asked: a job of lanes. A request goes in here, events come out (see `osstui.events`).

Everything in this module crosses the pipe to the engine process as JSON. Nothing in it is a secret:
a target names the environment variables that hold its key, never the key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import uuid4

import msgspec

Role = Literal["system", "user", "assistant", "tool"]
Effort = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Price:
    """A host's price in US$ per 1 million tokens. `cached_input` falls back to `input` when unknown."""

    input: float
    output: float
    cached_input: float | None = None
    source: str | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one host deviates from its dialect. Each field is applied in one place of the engine."""

    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The chat dialect's field for the output limit; never both are sent."""
    effort_form: Literal[
        "reasoning_effort", "reasoning.effort", "chat_template_kwargs", "thinking_budget", "none"
    ] = "reasoning_effort"
    """Where the chat dialect puts the reasoning effort; `thinking_budget` takes a number of tokens instead.
    With `none` no dialect sends it."""
    include_usage: bool = True
    """Ask for usage with `stream_options.include_usage`; false where the host refuses or ignores that."""
    key_style: Literal["bearer", "x-api-key", "none"] = "bearer"
    """The header that carries the key; `none` where it travels in the body alone."""
    key_body_field: str | None = None
    """A body field that carries the key too (ModelsLab's `key`)."""
    model_body_field: str | None = None
    """A second body field that repeats the model id (ModelsLab's `model_id`)."""
    rejected: tuple[str, ...] = ()
    """Body fields that the host answers with a 4xx; never sent."""
    ignored: tuple[str, ...] = ()
    """Body fields that the host takes without effect; setting one deserves a warning."""
    max_temperature: float | None = None
    """A higher temperature is lowered to this; None: no limit but the dialect's."""
    reasoning_in_history: Literal["reasoning", "reasoning_content"] | None = None
    """The chat dialect's field that takes the reasoning of earlier turns back. Most hosts ignore it, some
    refuse it, a few models want it with the results of their calls (DeepSeek's and Kimi's thinking ones)."""
    extra_body: dict[str, object] = field(default_factory=dict)
    """Fields sent with every request, as they stand."""


class Target(msgspec.Struct, frozen=True):
    """One model at one host: all that the engine needs to reach it, and no secret."""

    provider: str
    provider_name: str
    base_url: str
    """May hold {placeholders}; the engine fills them from `variables`, then from the environment."""
    dialect: str
    model: str
    """The catalog's name of the model, or the raw id that the user typed."""
    model_id: str
    """What this host calls it."""
    api_key_env: tuple[str, ...] = ()
    """Environment variables that may hold the key, first one set wins; empty: no key needed."""
    api_key_command: str | None = None
    key_required: bool = True
    """False for local servers, which take a key but work without one."""
    headers: dict[str, str] = {}
    variables: dict[str, str] = {}
    variables_env: dict[str, tuple[str, ...]] = {}
    """Placeholders that `variables` leaves open, each with the environment variables that would fill it."""
    quirks: Quirks = Quirks()
    price: Price | None = None
    context: int | None = None
    max_output: int | None = None
    exact_tokenizer: bool = True
    """True where o200k_harmony is the model's own vocabulary, so that local counts are exact."""
    simulated: bool = False
    builtin_tools: tuple[str, ...] = ()
    """Tools that the host itself runs for this model, by the `type` that switches each on."""


class Tool(msgspec.Struct, frozen=True):
    """A function that the model may call. `parameters` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    parameters: dict[str, object] = {}


class CallSent(msgspec.Struct, frozen=True):
    """A model's tool call as it goes back to the host. `arguments` is what the model wrote, JSON or not."""

    id: str
    name: str
    arguments: str


class Message(msgspec.Struct, frozen=True):
    role: Role
    content: str
    reasoning: str | None = None
    """Kept for display; sent back only where the host's quirk asks for it."""
    calls: tuple[CallSent, ...] = ()
    """Of the assistant."""
    sealed: str | None = None
    """What came with the calls and must go back with them (see `events.Sealed`)."""
    answers: CallSent | None = None
    """The call whose result this is; the role is `tool`."""


class Params(msgspec.Struct, frozen=True, kw_only=True):
    """What may be set on a request; None is not sent. Times are seconds."""

    effort: Effort | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    connect_timeout: float = 15.0
    first_token_timeout: float = 120.0
    idle_timeout: float = 60.0
    """Longest silence between two pieces of one answer."""
    timeout: float = 600.0
    """The whole lane, retries included."""
    retries: int = 2


class Lane(msgspec.Struct, frozen=True):
    """One pane's request. `lane` is unique within the job: `groq`, `groq:gpt-oss-20b`, `groq#2`."""

    lane: str
    target: Target
    messages: tuple[Message, ...]
    params: Params = Params()
    extra_body: dict[str, object] = {}
    """Fields laid over the body that the dialect builds, as they stand; one that is null is left out."""
    stream: bool = True
    wrong_key: bool = False
    """Send a made-up key instead of the provider's own, to see that the host refuses it."""
    count_prompt: bool = True
    """False for a prompt so long that counting its tokens here would hold up other lanes' stamps."""
    tools: tuple[Tool, ...] = ()
    builtin_tools: tuple[str, ...] = ()
    """Of the host's own tools those that are wanted; what the target does not offer is not sent."""

    @property
    def offered_builtins(self) -> tuple[str, ...]:
        """Of the host's own tools those that are sent."""
        return tuple(name for name in self.builtin_tools if name in self.target.builtin_tools)

    @property
    def exchange(self) -> tuple[Message, ...]:
        """The tool calls and their results that the last prompt has led to so far."""
        roles = [message.role for message in self.messages]
        last = len(roles) - roles[::-1].index("user") if "user" in roles else len(roles)
        return self.messages[last:]


class Job(msgspec.Struct, frozen=True):
    """Lanes that race: their connections open first, then all requests are sent at one instant."""

    run: str
    prompt: str
    """The text that the user typed, for titles and files; what is sent stands in each lane's messages."""
    lanes: tuple[Lane, ...]


def new_run_id() -> str:
    """An id that is unique across machines: 12 hex digits."""
    return uuid4().hex[:12]
