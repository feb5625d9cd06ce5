"""Usage, cost and server timings of the chat dialect, in each host's notation."""

from __future__ import annotations

from typing import Any

from osstui.simulator.shapes.base import Answer, Timings

PROMPT_TPS = 20_000.0
"""Reading speed that the simulated hosts claim, tokens per second."""


def usage_of(answer: Answer, output: int, reasoning: int) -> dict[str, Any]:
    """The counts alone, for so many output tokens; those of the end unless a host counts on every chunk."""
    usage: dict[str, Any] = {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": output,
        "total_tokens": answer.prompt_tokens + output,
    }
    if answer.host.usage_details == "full":
        usage["completion_tokens_details"] = {"reasoning_tokens": reasoning}
        usage["prompt_tokens_details"] = {"cached_tokens": answer.cached_tokens}
    elif answer.host.usage_details == "null":
        usage["completion_tokens_details"] = usage["prompt_tokens_details"] = None
    return usage


def final_usage(answer: Answer, timings: Timings) -> dict[str, Any]:
    """The usage of the whole answer, with cost and those timings that stand inside it."""
    usage = usage_of(answer, answer.output_tokens, answer.reasoning_tokens)
    if answer.host.cost is not None:
        usage[answer.host.cost] = cost_of(answer)
    if answer.host.cost == "cost":
        usage["is_byok"] = False
        usage["cost_details"] = {"upstream_inference_cost": None}
    if answer.host.timings == "groq":
        usage |= _groq(answer, timings)
    elif answer.host.timings == "sambanova":
        usage |= _sambanova(answer, timings)
    return usage


def cost_of(answer: Answer) -> float:
    price_in, price_out = answer.host.price
    return round((answer.prompt_tokens * price_in + answer.output_tokens * price_out) / 1e6, 9)


def _groq(answer: Answer, timings: Timings) -> dict[str, float]:
    reading = min(answer.prompt_tokens / PROMPT_TPS, timings.first_s)
    output_s = timings.output_s(answer.output_tokens)
    return {
        "queue_time": timings.first_s - reading,
        "prompt_time": reading,
        "completion_time": output_s,
        "total_time": reading + output_s,
    }


def _sambanova(answer: Answer, timings: Timings) -> dict[str, Any]:
    output = answer.output_tokens
    return {
        "is_last_response": True,
        "stop_reason": answer.finish,
        "time_to_first_token": timings.first_s,
        "total_latency": timings.last_s,
        "start_time": timings.started_at,
        "end_time": timings.started_at + timings.last_s,
        "completion_tokens_per_sec": output / timings.last_s,
        "completion_tokens_after_first_per_sec": timings.rate,
        "completion_tokens_after_first_per_sec_first_ten": timings.rate,
        "total_tokens_per_sec": (answer.prompt_tokens + output) / timings.last_s,
    }


def beside_usage(answer: Answer, timings: Timings) -> dict[str, Any]:
    """Timings that stand at the top of the closing chunk, beside `usage`."""
    host = answer.host
    output_s = timings.output_s(answer.output_tokens)
    if host.timings == "cerebras":
        reading = min(answer.prompt_tokens / PROMPT_TPS, timings.first_s)
        return {
            "time_info": {
                "queue_time": timings.first_s - reading,
                "prompt_time": reading,
                "completion_time": output_s,
                "total_time": timings.last_s,
                "created": timings.started_at,
            }
        }
    if host.timings == "llamacpp":
        return {
            "timings": {
                "cache_n": answer.cached_tokens,
                "prompt_n": answer.prompt_tokens - answer.cached_tokens,
                "prompt_ms": timings.first_s * 1e3,
                "prompt_per_second": answer.prompt_tokens / timings.first_s,
                "predicted_n": answer.output_tokens,
                "predicted_ms": output_s * 1e3,
                "predicted_per_token_ms": output_s * 1e3 / max(answer.output_tokens, 1),
                "predicted_per_second": answer.output_tokens / output_s,
            }
        }
    if host.timings == "fireworks" and answer.ask.body.get("perf_metrics_in_response"):
        return {
            "perf_metrics": {
                "server-time-to-first-token": timings.first_s,
                "server-processing-time": timings.last_s,
                "prompt-tokens": answer.prompt_tokens,
                "completion-tokens": answer.output_tokens,
            }
        }
    return {}
