"""The battery, one row a check. Titles, levels and costs are read from here by every command and screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from osstui.checks import (
    accounting,
    control,
    errors,
    formats,
    knowledge,
    long,
    reach,
    serving,
    streams,
    thinking,
    tooling,
)
from osstui.checks.model import LEVELS, Check, Level

SHARED: dict[str, tuple[int, int]] = {
    "hello": (75, 40), "wrong key": (75, 20), "paragraph": (85, 330), "riddle": (95, 170),
}  # fmt: skip
"""What several checks ask and each host is asked once: (input, output) tokens."""

# Tokens are those of gpt-oss-120b at the efforts that the probes set.
CHECKS: tuple[Check, ...] = (
    Check("reach", "connects", "quick", "reach", reach.reach),
    Check("auth", "takes the key", "quick", "auth", reach.auth, shares=("hello",), judges_limits=True),
    Check("wrong-key", "refuses a wrong key", "quick", "auth", reach.wrong_key, shares=("wrong key",)),
    Check("listed", "lists the model", "quick", "model", serving.listed),
    Check("answer", "answers", "quick", "model", serving.answer, shares=("hello",)),
    Check("stream", "streams in pieces", "quick", "stream", streams.stream, shares=("paragraph",),
          timed=True),
    Check("ending", "ends properly", "quick", "stream", streams.ending, shares=("paragraph",)),
    Check("usage", "tells true usage", "quick", "usage", accounting.usage, shares=("paragraph", "riddle")),
    Check("cost", "tells a true cost", "quick", "cost", accounting.cost, shares=("paragraph",)),
    Check("reasoning", "shows reasoning apart", "quick", "reasoning", thinking.reasoning, (95, 180),
          shares=("riddle",)),
    Check("max-tokens", "obeys max_tokens", "quick", "control", control.max_tokens, (80, 32)),
    Check("same-text", "streams all the text", "full", "stream", streams.same_text, (190, 900)),
    Check("cancel", "takes a hang-up well", "full", "stream", streams.cancel, (160, 120), last=True),
    Check("prompt-tokens", "counts the prompt right", "full", "usage", accounting.prompt_tokens, (760, 120)),
    Check("effort", "obeys the effort", "full", "reasoning", thinking.effort, (1200, 6000)),
    Check("system", "obeys the system prompt", "full", "control", control.system, (330, 300)),
    Check("stop", "obeys stop", "full", "control", control.stop, (85, 50)),
    Check("seed", "repeats with a seed", "full", "control", control.seed, (250, 600)),
    Check("unicode", "sends Unicode unharmed", "full", "control", control.unicode, (105, 70)),
    Check("json-object", "JSON object mode", "full", "format", formats.json_object, (95, 60)),
    Check("json-schema", "JSON schema mode", "full", "format", formats.json_schema, (260, 120)),
    Check("tools", "calls a tool, uses its result", "quick", "tools", tooling.tools, (330, 110)),
    Check("tool-arguments", "valid arguments", "full", "tools", tooling.tool_arguments, (2200, 1000)),
    Check("tool-choice", "obeys tool_choice", "full", "tools", tooling.tool_choice, (400, 250)),
    Check("parallel-tools", "parallel calls", "full", "tools", tooling.parallel_tools, (150, 90)),
    Check("bad-parameter", "refuses nonsense", "full", "errors", errors.bad_parameter),
    Check("no-such-model", "refuses an unknown model", "full", "errors", errors.no_such_model),
    Check("canaries", "knows what it should", "full", "knowledge", knowledge.canaries, (1900, 2400),
          across=knowledge.compare_scores),
    Check("needle", "reads a long prompt", "deep", "context", long.needle, (8000, 400), window=1.5),
    Check("too-long", "refuses a prompt too long", "full", "context", long.too_long, (0, 20), window=0.15),
    Check("long-answer", "writes a long answer", "deep", "context", long.long_answer, (90, 11_000)),
    Check("distribution", "answers like the others", "deep", "knowledge", knowledge.distribution,
          (24_000, 15_000), across=knowledge.compare_distributions),
    Check("error-shape", "errors in the usual form", "full", "errors", errors.error_shape,
          shares=("wrong key",), last=True, judges_limits=True),
    Check("identity", "says which model answers", "quick", "model", serving.identity, shares=("hello",),
          last=True),
    Check("markers", "leaks no markers", "quick", "reasoning", thinking.markers, shares=("hello",),
          last=True),
    Check("limits", "tells its rate limits", "quick", "limits", serving.limits, shares=("hello",), last=True),
)  # fmt: skip

BY_ID = {check.id: check for check in CHECKS}


class UnknownCheckError(ValueError):
    """Names the nearest check there is."""


def choose(level: Level, only: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[Check, ...]:
    """The checks of a level and those below it, or those named, without those skipped; in the table's
    order, those that judge all answers last. Names may be ids or groups. Raises UnknownCheckError."""
    wanted, unwanted = _ids(only), _ids(skip)
    reached = LEVELS[: LEVELS.index(level) + 1]
    return tuple(
        check
        for check in CHECKS
        if (check.id in wanted if wanted else check.level in reached) and check.id not in unwanted
    )


def estimated_tokens(checks: Sequence[Check], window: int | None) -> tuple[int, int]:
    """About what they take of a host that claims such a window, (input, output) tokens. A prompt that is too
    long costs nothing where it is refused, and one host in eight takes it."""
    parts = [check.tokens for check in checks]
    parts += [SHARED[name] for name in {name for check in checks for name in check.shares}]
    filled = round(sum(check.window for check in checks) * (window or 0))
    return filled + sum(part[0] for part in parts), sum(part[1] for part in parts)


def _ids(names: Iterable[str]) -> set[str]:
    groups = {check.group for check in CHECKS}
    found: set[str] = set()
    for name in names:
        if name in BY_ID:
            found.add(name)
        elif name in groups:
            found |= {check.id for check in CHECKS if check.group == name}
        else:
            near = get_close_matches(name, [*BY_ID, *groups], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(BY_ID)}"
            raise UnknownCheckError(f"no check is called {name!r}{hint}")
    return found
