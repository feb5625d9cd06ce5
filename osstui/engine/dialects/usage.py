"""Usage and server timings, from every place where hosts put them.

Sources: the hosts' own SDK types and recorded streams. Groq: `usage.*_time` in seconds; Cerebras: `time_info`
in seconds; SambaNova: `usage.time_to_first_token` (s) and `…_per_sec`; llama.cpp: `timings` in ms;
Fireworks: `perf_metrics`, and headers where the answer is not streamed. Cost: DeepInfra
`usage.estimated_cost`; OpenRouter `usage.cost`, to which the upstream host's bill comes where that goes to a
key of the user's own. Cached input: `cached_tokens` among the details, or `prompt_cache_hit_tokens` beside
them (DeepSeek's form).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import msgspec

from osstui.engine.dialects.base import Report
from osstui.events import ServerTimings

Fields = dict[str, object]


def _fields(value: object) -> Fields:
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


def _cost(fields: Fields) -> float | None:
    told = _number(fields, "cost", "estimated_cost")
    upstream = _number(_details(fields, "cost_details"), "upstream_inference_cost")
    return told + upstream if told is not None and upstream and fields.get("is_byok") is True else told


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _rate(tokens: float | None, seconds: float | None) -> float | None:
    return tokens / seconds if tokens and seconds else None


def report(usage: object, server: ServerTimings | None, last: Report) -> Report | None:
    """The report so far: the last usage that was sent, with the last timings. What is no usage changes
    nothing. A cost that was told for the same tokens stays where the last usage has none."""
    fields = _fields(usage)
    server = server or last.server
    if not fields:
        kept = msgspec.structs.replace(last, server=server)
        return kept if kept != last else None
    details = _details(fields, "prompt_tokens_details", "input_tokens_details")
    told = Report(
        input=_count(fields, "prompt_tokens", "input_tokens"),
        output=_count(fields, "completion_tokens", "output_tokens"),
        reasoning=_count(
            fields | _details(fields, "completion_tokens_details", "output_tokens_details"),
            "reasoning_tokens",
        ),
        cached=_count(fields | details, "cached_tokens", "prompt_cache_hit_tokens"),
        cost_usd=_cost(fields),
        server=server,
        total=_count(fields, "total_tokens"),
    )
    if told.cost_usd is None and (told.input, told.output) == (last.input, last.output):
        return msgspec.structs.replace(told, cost_usd=last.cost_usd)
    return told


def server_timings(
    usage: object, *, time_info: object = None, timings: object = None, perf_metrics: object = None
) -> ServerTimings | None:
    """The host's own clock, or None where it says nothing. Each form belongs to one host; they don't mix."""
    fields = _fields(usage)
    if told := _fields(timings):
        return _llama_cpp(told)
    if told := _fields(perf_metrics):
        return _fireworks(told)
    if told := _fields(time_info):
        return _cerebras(told, fields)
    if "time_to_first_token" in fields:
        return _sambanova(fields)
    if "completion_time" in fields:
        return _groq(fields)
    return None


def header_timings(headers: Mapping[str, str]) -> ServerTimings | None:
    """What Fireworks tells of an answer that is not streamed, in the headers that come before it."""
    told: Fields = {name: value for name, value in headers.items() if name.startswith("fireworks-server-")}
    return _fireworks(told) if told else None


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
