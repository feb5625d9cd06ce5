"""What may be asked of the simulator: overrides and faults, one syntax for three places.

`key=value;key=value;fault`, in the request header `x-sim`, in the last user message as `[[sim: …]]` (or
`[[sim groq: …]]` for one host), or as the server option `--fault groq=…`. A word without `=` is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, get_args
from urllib.parse import unquote

from osstui.simulator.hosts import ReasoningForm

STATUS_FAULTS = (400, 401, 402, 403, 404, 413, 500, 503, 529, 429)

LIES: dict[str, str] = {
    "any_key": "every key is let in",
    "any_model": "a model that does not exist is answered",
    "any_parameter": "nonsense in the body is answered as if it were right",
    "bad_tools": "the arguments of a tool call are broken JSON",
    "buffered": "a stream is held back and comes all at once at its end",
    "busy_after_cancel": "after a client hung up, the next request gets a 503",
    "degraded": "of what it should know, the model knows about half",
    "drop_tokens": "pieces of a streamed answer are lost, usage still counts them",
    "hidden_reasoning": "reasoning is charged for, but not shown",
    "ignore_effort": "every effort is medium",
    "ignore_max_tokens": "max_tokens has no effect",
    "ignore_schema": "response_format has no effect",
    "ignore_seed": "every answer to the same request is another",
    "ignore_stop": "stop has no effect",
    "ignore_system": "the system message has no effect",
    "ignore_tool_choice": "tool_choice has no effect",
    "ignore_tools": "the model is not shown the tools of a request",
    "inflate_usage": "usage tells half as many tokens again",
    "mojibake": "the answer's UTF-8 is read as Latin-1",
    "odd_limits": "more remains than the rate limit allows",
    "plain_errors": "errors are web pages",
    "short_output": "answers end after 300 tokens, whatever the limit",
    "truncate_context": "only the last 1,024 tokens of a prompt are read, without a word",
    "unlisted": "GET /models leaves the model out",
    "wrong_cost": "the told cost is twice the price",
}
"""Answers that look right and are not what was asked for: every lie and what it does."""

FAULTS: dict[str, str] = {
    **{f"status{status}": f"HTTP {status} in the host's error shape" for status in sorted(STATUS_FAULTS)},
    "slow_first": "the first token comes after 60 s (or after ttft=, if given)",
    "stall": "after N tokens silence, the connection stays open",
    "cut": "after N tokens the connection is reset",
    "eof": "after N tokens a clean end of the body, without finish reason and [DONE]",
    "broken_event": "after N tokens one data line that is no JSON, then the stream goes on",
    "error_event": "after N tokens an error in the host's streaming form",
    "error_after_finish": "an error chunk after the finish reason (OpenRouter's form)",
    "no_usage": "usage is never told",
    "thin_usage": "the output tokens that are told leave the reasoning out",
    "no_done": "the stream ends without [DONE]",
    "json_answer": "a stream request is answered with one JSON document",
    "html": "HTTP 502 with an HTML page",
    "unsupported_param": "HTTP 400 that names a parameter, while the body has it (unsupported_param=NAME)",
    "leak_markers": "raw harmony markers and the reasoning stand in the content",
    "think_tags": "the reasoning stands in the content between <think> tags that are split over chunks",
    "tools_whole": "a tool call in one chunk",
    "tools_pieces": "a tool call whose arguments come in pieces",
    "empty": "a finish reason and nothing before it",
    "crlf": "CRLF line ends, a BOM, comments between events, no blank line after the last event",
    "drip": "the body is written one byte at a time",
    "hostile": "the answer holds escape sequences, bidi controls and markup",
    "keep_open": "the connection stays open for 6 s after [DONE]",
    "wrong_model": "the answer names another model than was asked for",
    **LIES,
}
"""Every fault and what it does, lies included."""


class WishError(ValueError):
    """A wish that nobody can grant; the message is one line and names the way out."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Overrides of one request; None leaves the host's own value."""

    ttft: float | None = None
    tps: float | None = None
    tokens: int | None = None
    reasoning: int | None = None
    chunk: int | None = None
    chars: int | None = None
    jitter: float | None = None
    seed: int | None = None
    text: str | None = None
    echo: bool | None = None
    cached: int | None = None
    context: int | None = None
    reasoning_form: str | None = None
    faults: tuple[str, ...] | None = None
    after: int | None = None
    times: int | None = None
    retry_after: str | None = None
    unsupported_param: str | None = None

    def has(self, fault: str) -> bool:
        return fault in (self.faults or ())

    def over(self, weaker: Wishes) -> Wishes:
        """These wishes, and the weaker ones where these say nothing."""
        said = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}
        return replace(weaker, **said)

    @property
    def status(self) -> int | None:
        """The HTTP status of a status fault."""
        return next((int(fault[6:]) for fault in self.faults or () if fault.startswith("status")), None)


def _amount(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e6:
        raise ValueError(text)
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError(text)
    return value


def _natural(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 1_000_000:
        raise ValueError(text)
    return value


def _positive(text: str) -> int:
    value = _natural(text)
    if value < 1:
        raise ValueError(text)
    return value


def _form(text: str) -> str:
    if text not in get_args(ReasoningForm):
        raise ValueError(text)
    return text


def _yes(text: str) -> bool:
    return text.lower() in ("1", "yes", "true", "on")


def _faults(text: str) -> tuple[str, ...]:
    names = tuple(f"status{name}" if name.isdigit() else name for name in re.split(r"[,+\s]+", text) if name)
    for name in names:
        if name not in FAULTS:
            near = get_close_matches(name, FAULTS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(FAULTS)}"
            raise WishError(f"no fault is called {name!r}{hint}")
    return names


KEYS: dict[str, tuple[Callable[[str], Any], str]] = {
    "ttft": (_amount, "seconds to the first token"),
    "tps": (_rate, "output tokens per second"),
    "tokens": (_natural, "length of the answer, tokens"),
    "reasoning": (_natural, "length of the reasoning, tokens"),
    "chunk": (_positive, "tokens per chunk"),
    "chars": (_positive, "characters per chunk, whatever the tokens"),
    "jitter": (_amount, "each chunk is up to this many seconds late (seeded)"),
    "seed": (int, "another answer to the same prompt"),
    "text": (unquote, "the answer itself, percent-encoded"),
    "echo": (_yes, "1: the answer is the prompt"),
    "cached": (_natural, "prompt tokens that are told to come from a cache"),
    "context": (_positive, "length of the context window, tokens"),
    "reasoning_form": (_form, "reasoning | reasoning_content | details | tags-each | tags-once"),
    "fault": (_faults, "one or more faults, separated by commas"),
    "after": (_natural, "N of the faults that break the stream off: tokens written before (default 20)"),
    "times": (_positive, "only the first so many attempts of this prompt (or x-sim-id) have the faults"),
    "retry_after": (str, "with an error status: 2 (seconds), date:2 (HTTP date), go:2 (Go duration)"),
    "unsupported_param": (str, "name of the parameter that is refused"),
}
"""Every key, how its value is read, and what it does."""

_DIRECTIVE = re.compile(r"[ \t]*\[\[sim(?:[ \t]+([\w.-]+))?:(.*?)\]\]", re.DOTALL)


def parse(text: str) -> Wishes:
    """Wishes from `key=value;key=value;fault`. Raises WishError on an unknown key, fault or value."""
    found: dict[str, Any] = {}
    faults: tuple[str, ...] = ()
    for item in filter(None, (part.strip() for part in text.split(";"))):
        key, separator, value = (part.strip() for part in item.partition("="))
        if not separator:
            key, value = "fault", item
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(KEYS)}"
            raise WishError(f"the simulator knows no key {key!r}{hint}")
        try:
            read = KEYS[key][0](value)
        except WishError:
            raise
        except ValueError:
            raise WishError(f"{key}={value}: this is no value for {key!r} ({KEYS[key][1]})") from None
        if key == "fault":
            faults += read
        else:
            found[key] = read
    if "unsupported_param" in found and "unsupported_param" not in faults:
        faults += ("unsupported_param",)
    return Wishes(**found, faults=faults or None)


def take_directives(prompt: str, provider: str) -> tuple[str, Wishes]:
    """The prompt without its `[[sim: …]]` directives, and the wishes in those that concern this provider.

    What stands further right wins, a directive that names the provider wins over a general one.
    """
    general, special = Wishes(), Wishes()
    for match in _DIRECTIVE.finditer(prompt):
        if match[1] is None:
            general = parse(match[2]).over(general)
        elif match[1] == provider:
            special = parse(match[2]).over(special)
    plain, removed = _DIRECTIVE.subn("", prompt)
    return plain.strip() if removed else prompt, special.over(general)


def by_provider(options: Iterable[str]) -> dict[str, Wishes]:
    """The server options `PROVIDER=wishes`; provider `*` means every host. Raises WishError."""
    table: dict[str, Wishes] = {}
    for option in options:
        provider, separator, text = option.partition("=")
        if not separator or not provider:
            raise WishError(
                f"{option!r} is no fault option; write PROVIDER=key=value;fault, or *=… for every host"
            )
        table[provider] = parse(text).over(table.get(provider, Wishes()))
    return table


def help_text() -> str:
    """All keys and faults as plain text, for `--help`."""
    lines = [
        "What an answer should be like is wished for as key=value;key=value;fault in",
        "the request's header x-sim, in its prompt as [[sim: …]] or, for one host,",
        "[[sim groq: …]], or for every request with --fault groq=… (*=… every host).",
        "",
        "Keys:",
    ]
    lines += [f"  {key:<19}{text}" for key, (_, text) in KEYS.items()]
    lines += ["", "Faults:"]
    lines += [f"  {name:<19}{text}" for name, text in FAULTS.items()]
    return "\n".join(lines)
