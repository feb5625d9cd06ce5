"""How each simulated host behaves on the wire and how fast it is: one row a host.

Speeds and model ids are those of `providers.yaml` where it has them (a test compares the two); every other
TTFT and rate is a plausible figure of ours, there to tell the lanes apart, and says nothing about the real
host.

Wire facts come from public recordings of these hosts (Groq, Cerebras, OpenRouter, Bedrock, llama.cpp,
Ollama, SambaNova, Crusoe/vLLM), from their documentation, or, where neither exists, are those of a plain
vLLM server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

ReasoningForm = Literal["reasoning", "reasoning_content", "details", "tags-each", "tags-once"]
UsagePlace = Literal["finish", "x_groq", "trailing", "last", "every"]
FirstChunk = Literal["empty", "null", "absent", "empty-then-nulls", "none"]
ErrorForm = Literal[
    "openai", "openrouter", "google", "llamacpp", "fireworks", "novita", "detail", "detail-list", "string",
    "object", "code-message", "cerebras", "modelslab", "parasail", "anthropic",
]  # fmt: skip
StreamErrorForm = Literal["groq", "openrouter", "vllm", "plain", "silent"]
LimitForm = Literal["go", "seconds", "bare", "epoch", "epoch-ms", "amazon"]
TimingForm = Literal["groq", "cerebras", "sambanova", "llamacpp", "fireworks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host's wire shape and speed. The defaults are those of a plain vLLM server."""

    id: str
    model: str = "openai/gpt-oss-120b"
    """What this host calls gpt-oss-120b; listed under /models."""
    ttft_s: float = 0.45
    """From the receipt of the request to the first token, seconds."""
    output_tps: float = 150.0
    tokens_per_chunk: int = 1
    opens: float = 0.5
    """When the response headers and the role-only chunk go out, as a share of TTFT."""
    context: int = 131_072
    reasoning: ReasoningForm = "reasoning"
    channel: bool = False
    """`delta.channel` says `analysis` or `final`."""
    role_on_every_chunk: bool = False
    first: FirstChunk = "empty"
    terse: bool = False
    """Leaves out the keys that are null (`finish_reason`, `logprobs`)."""
    stop_word: str = "stop"
    """The finish reason of an answer that is complete."""
    finish_with_text: bool = False
    """The last piece of text and the finish reason share a chunk."""
    usage: tuple[UsagePlace, ...] = ("trailing",)
    usage_on_request: bool = True
    """A trailing usage chunk only with `stream_options.include_usage`."""
    usage_details: Literal["full", "null", "absent"] = "full"
    """Whether reasoning and cached tokens are told."""
    timings: TimingForm | None = None
    cost: Literal["cost", "estimated_cost"] | None = None
    price: tuple[float, float] = (0.15, 0.60)
    """US$ per 1 million input and output tokens, for hosts that tell the cost."""
    comment: str | None = None
    """Keep-alive comment line."""
    errors: ErrorForm = "openai"
    stream_errors: StreamErrorForm = "vllm"
    limits: LimitForm | None = None
    request_id: str = "x-request-id"
    """The host's own request-id header, sent beside `x-request-id`."""
    id_prefix: str = "chatcmpl"
    fingerprint: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
    """Top-level fields of every chunk."""
    choice_extra: dict[str, object] = field(default_factory=dict)
    """Fields of every choice of a text chunk."""
    tools_whole: bool = False
    """A tool call comes in one chunk, not in pieces."""
    tools_indexed: bool = True
    """A tool call has its `index`."""


_VLLM: dict[str, object] = {"token_ids": None}

_ROWS = (
    Host(
        id="cerebras", model="gpt-oss-120b", ttft_s=0.20, output_tps=3185, tokens_per_chunk=8,
        first="absent", terse=True, usage=("finish",), timings="cerebras", errors="cerebras",
        stream_errors="plain", limits="seconds", request_id="inference-id", fingerprint="fp_sim_cerebras",
        tools_whole=True,
    ),
    Host(
        id="clarifai", model="https://clarifai.com/openai/chat-completion/models/gpt-oss-120b", ttft_s=0.35,
        output_tps=826, tokens_per_chunk=2, choice_extra=_VLLM,
    ),
    Host(
        id="sambanova", model="gpt-oss-120b", ttft_s=0.38, output_tps=709, tokens_per_chunk=5, channel=True,
        usage_on_request=False, timings="sambanova", limits="epoch", fingerprint="fastcoe",
        stream_errors="plain",
    ),
    Host(
        id="groq", ttft_s=0.22, output_tps=486, channel=True, usage=("finish", "x_groq", "trailing"),
        timings="groq", limits="go", fingerprint="fp_sim_groq", stream_errors="groq", tools_whole=True,
    ),
    Host(
        id="google-vertex", model="openai/gpt-oss-120b-maas", ttft_s=0.40, output_tps=406,
        tokens_per_chunk=4, reasoning="reasoning_content", errors="google", usage_details="absent",
        tools_whole=True, tools_indexed=False,
    ),
    Host(
        id="deepinfra", ttft_s=0.21, output_tps=160, reasoning="reasoning_content", cost="estimated_cost",
        price=(0.037, 0.17), errors="detail", usage_details="null",
    ),
    Host(
        id="compactifai", model="gpt-oss-120b", ttft_s=0.30, output_tps=180, errors="detail",
        usage_details="absent",
    ),
    Host(
        id="together", ttft_s=0.30, output_tps=260, usage=("finish",), limits="bare", tokens_per_chunk=2,
        stop_word="eos",
    ),
    Host(id="gmi", ttft_s=0.42, output_tps=170, reasoning="reasoning_content"),
    Host(id="hyperbolic", ttft_s=0.55, output_tps=120, errors="detail", reasoning="reasoning_content"),
    Host(id="novita", ttft_s=0.60, output_tps=140, reasoning="reasoning_content", errors="novita"),
    Host(
        id="openrouter", ttft_s=0.60, output_tps=190, opens=0.1, reasoning="details",
        role_on_every_chunk=True, first="none", usage=("last",), cost="cost", price=(0.037, 0.17),
        comment="OPENROUTER PROCESSING", errors="openrouter", stream_errors="openrouter",
        request_id="x-generation-id", id_prefix="gen", extra={"provider": "Simulated"},
    ),
    Host(
        id="fireworks", model="accounts/fireworks/models/gpt-oss-120b", ttft_s=0.33, output_tps=320,
        tokens_per_chunk=3, reasoning="reasoning_content", usage=("finish",), usage_details="absent",
        timings="fireworks", errors="fireworks",
    ),
    Host(
        id="baseten", ttft_s=0.31, output_tps=340, reasoning="reasoning_content", errors="string",
        context=128_072,
    ),
    Host(id="parasail", model="parasail-gpt-oss-120b", ttft_s=0.50, output_tps=130, errors="parasail"),
    Host(
        id="nebius", ttft_s=0.48, output_tps=165, reasoning="reasoning_content", errors="detail",
        context=128_000,
    ),
    Host(id="atlascloud", ttft_s=0.70, output_tps=110, reasoning="reasoning_content"),
    Host(
        id="chutes", model="openai/gpt-oss-120b-TEE", ttft_s=0.90, output_tps=95,
        reasoning="reasoning_content", errors="detail",
    ),
    Host(id="crusoe", ttft_s=0.40, output_tps=210, fingerprint="vllm-0.24.0-sim", choice_extra=_VLLM),
    Host(
        id="phala", model="phala/gpt-oss-120b", ttft_s=0.85, output_tps=85,
        choice_extra={"stop_reason": None},
    ),
    Host(id="ncompass", ttft_s=0.65, output_tps=125, errors="detail-list"),
    Host(id="wandb", ttft_s=0.52, output_tps=155, choice_extra=_VLLM),
    Host(id="inferencenet", ttft_s=0.75, output_tps=100, context=100_000),
    Host(
        id="siliconflow", ttft_s=0.68, output_tps=115, reasoning="reasoning_content", usage=("every",),
        errors="code-message", request_id="x-siliconcloud-trace-id", context=131_000,
    ),
    Host(
        id="bedrock", model="openai.gpt-oss-120b-1:0", ttft_s=0.55, output_tps=200, tokens_per_chunk=12,
        reasoning="tags-each", first="empty-then-nulls", finish_with_text=True, usage_details="absent",
        extra={"service_tier": "default"}, choice_extra={"obfuscation": "F04TtE37"},
        request_id="x-amzn-requestid", context=128_000,
    ),
    Host(
        id="bedrock-mantle", model="openai.gpt-oss-120b", ttft_s=0.58, output_tps=220, tokens_per_chunk=40,
        first="null", usage_details="null", limits="amazon", request_id="x-amzn-requestid",
    ),
    Host(
        id="byteplus", model="gpt-oss-120b-250805", ttft_s=0.62, output_tps=135,
        reasoning="reasoning_content", context=128_000,
    ),
    Host(
        id="mara", model="gpt-oss-120B", ttft_s=0.44, output_tps=600, tokens_per_chunk=5, channel=True,
        usage_on_request=False, timings="sambanova", limits="epoch", fingerprint="fastcoe",
        stream_errors="plain",
    ),
    Host(id="ionet", ttft_s=0.72, output_tps=105, reasoning="reasoning_content", errors="detail"),
    Host(
        id="modelslab", model="openai-gpt-oss-120b", ttft_s=0.95, output_tps=80, errors="modelslab",
        reasoning="reasoning_content", context=128_000,
    ),
    Host(id="keeprouter", model="gpt-oss-120b", ttft_s=0.80, output_tps=90, usage_details="absent"),
    Host(
        id="huggingface", ttft_s=0.45, output_tps=300, errors="string", usage=("finish",),
        limits="epoch-ms",
    ),
    Host(
        id="ollama", model="gpt-oss:120b", ttft_s=0.35, output_tps=45, role_on_every_chunk=True,
        first="none", usage_details="absent", fingerprint="fp_ollama", stream_errors="silent",
        tools_whole=True,
    ),
    Host(
        id="ollama-cloud", model="gpt-oss:120b", ttft_s=0.50, output_tps=120, usage_details="absent",
        errors="string", tools_whole=True,
    ),
    Host(
        id="llamacpp", model="gpt-oss-120b", ttft_s=0.30, output_tps=60, reasoning="reasoning_content",
        first="null", usage_details="absent", timings="llamacpp", errors="llamacpp", stream_errors="plain",
        fingerprint="b11434-sim",
    ),
    Host(
        id="lmstudio", ttft_s=0.40, output_tps=55, errors="string", stream_errors="groq",
        usage_details="full",
    ),
    Host(id="vllm", ttft_s=0.15, output_tps=180, fingerprint="vllm-0.32.0-sim", choice_extra=_VLLM),
    Host(
        id="sglang", ttft_s=0.15, output_tps=190, reasoning="reasoning_content", errors="object",
        stream_errors="plain",
    ),
)  # fmt: skip

HOSTS: dict[str, Host] = {host.id: host for host in _ROWS}


_ROUTE = re.compile(r"-(messages|responses)\Z")


def host_of(provider: str) -> Host:
    """The row of a provider id, that of its host for another route to it; else a plain host of that name."""
    row = HOSTS.get(provider) or HOSTS.get(_ROUTE.sub("", provider))
    if row is None:
        return Host(id=provider)
    return row if row.id == provider else replace(row, id=provider)
