"""The models that a simulated host says it has."""

from __future__ import annotations

from osstui.simulator.hosts import Host


def models(host: Host, *, tags: bool = False, hidden: bool = False) -> dict[str, object]:
    """GET /models: gpt-oss-120b under this host's name unless hidden, its smaller sister and a stranger.

    `tags`: as Ollama's /api/tags lists them.
    """
    names = (
        host.model,
        host.model.replace("120b", "20b").replace("120B", "20B"),
        "meta-llama/llama-3.1-8b-instruct",
    )[1 if hidden else 0 :]
    if tags:
        return {"models": [{"name": name, "model": name} for name in names]}
    entry = {"object": "model", "created": 1_754_352_000, "owned_by": host.id}
    if host.id == "vllm":
        entry["max_model_len"] = host.context
    listing: dict[str, object] = {"object": "list", "data": [{"id": name, **entry} for name in names]}
    if host.id == "llamacpp":
        listing["models"] = [{"name": name, "model": name} for name in names]
    return listing
