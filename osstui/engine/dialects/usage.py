"""Usage and server timings, from every place where hosts put them.

Sources: the hosts' own SDK types and recorded streams. Groq: `usage.*_time` in seconds; Cerebras: `time_info`
in seconds; SambaNova: `usage.time_to_first_token` (s) and `…_per_sec`; llama.cpp: `timings` in ms;
Fireworks: `perf_metrics`. Cost: OpenRouter `usage.cost`, DeepInfra `usage.estimated_cost`.
"""

from __future__ import annotations

from math import isfinite

import msgspec

from osstui.engine.dialects.base import Report
from osstui.events import ServerTimings

Fields = dict[str, object]


def _fields(raw: msgspec.Raw) -> Fields:
    if not raw:
        return {}
    value = msgspec.json.decode(raw)
    return value if isinstance(value, dict) else {}


def number(value: object) -> float | None:
    """A finite number that is not below 0, written as one or in digits; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) and found >= 0 else None


def count(value: object) -> int | None:
    """The same as a whole number of tokens; None for one that no answer can have."""
    found = number(value)
    return None if found is None or found > 1e12 else int(found)


def _number(fields: Fields, *names: str) -> float | None:
    return next((found for name in names if (found := number(fields.get(name))) is not None), None)


def _count(fields: Fields, *names: str) -> int | None:
    return count(_number(fields, *names))


def _details(fields: Fields, *names: str) -> Fields:
    """The first of these that is an object; Chat Completions and Responses name them differently."""
    return next((found for name in names if isinstance(found := fields.get(name), dict)), {})


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _rate(tokens: float | None, seconds: float | None) -> float | None:
    return tokens / seconds if tokens and seconds else None


def report(raw: msgspec.Raw, server: ServerTimings | None, last: Report) -> Report | None:
    """The report so far: the last usage that was sent, with the last timings. Null usage changes nothing."""
    fields = _fields(raw)
    server = server or last.server
    if not fields:
        kept = msgspec.structs.replace(last, server=server)
        return kept if kept != last else None
    return Report(
        input=_count(fields, "prompt_tokens", "input_tokens"),
        output=_count(fields, "completion_tokens", "output_tokens"),
        reasoning=_count(
            fields | _details(fields, "completion_tokens_details", "output_tokens_details"),
            "reasoning_tokens",
        ),
        cached=_count(_details(fields, "prompt_tokens_details", "input_tokens_details"), "cached_tokens"),
        cost_usd=_number(fields, "cost", "estimated_cost"),
        server=server,
        total=_count(fields, "total_tokens"),
    )


def server_timings(
    usage: msgspec.Raw, time_info: msgspec.Raw, timings: msgspec.Raw, perf_metrics: msgspec.Raw
) -> ServerTimings | None:
    """The host's own clock, or None where it says nothing. Each form belongs to one host; they don't mix."""
    for raw, read in ((timings, _llama_cpp), (perf_metrics, _fireworks)):
        if fields := _fields(raw):
            return read(fields)
    if fields := _fields(time_info):
        return _cerebras(fields, _fields(usage))
    fields = _fields(usage)
    if "time_to_first_token" in fields:
        return _sambanova(fields)
    if "completion_time" in fields:
        return _groq(fields)
    return None


def _groq(fields: Fields) -> ServerTimings:
    queue, prompt = _number(fields, "queue_time"), _number(fields, "prompt_time")
    done = _number(fields, "completion_time")
    return ServerTimings(
        queue_ms=_ms(queue),
        prompt_ms=_ms(prompt),
        output_tps=_rate(_number(fields, "completion_tokens"), done),
        total_ms=_ms(_number(fields, "total_time")),
    )


def _cerebras(fields: Fields, usage: Fields) -> ServerTimings:
    return ServerTimings(
        queue_ms=_ms(_number(fields, "queue_time")),
        prompt_ms=_ms(_number(fields, "prompt_time")),
        output_tps=_rate(_number(usage, "completion_tokens"), _number(fields, "completion_time")),
        total_ms=_ms(_number(fields, "total_time")),
    )


def _sambanova(fields: Fields) -> ServerTimings:
    return ServerTimings(
        ttft_ms=_ms(_number(fields, "time_to_first_token")),
        output_tps=_number(fields, "completion_tokens_after_first_per_sec", "completion_tokens_per_sec"),
        total_ms=_ms(_number(fields, "total_latency")),
    )


def _llama_cpp(fields: Fields) -> ServerTimings:
    prompt, predicted = _number(fields, "prompt_ms"), _number(fields, "predicted_ms")
    total = prompt + predicted if prompt is not None and predicted is not None else None
    return ServerTimings(prompt_ms=prompt, output_tps=_number(fields, "predicted_per_second"), total_ms=total)


def _fireworks(fields: Fields) -> ServerTimings:
    named = {name.removeprefix("fireworks-").replace("-", "_"): value for name, value in fields.items()}
    return ServerTimings(
        ttft_ms=_ms(_number(named, "server_time_to_first_token")),
        total_ms=_ms(_number(named, "server_processing_time")),
    )
