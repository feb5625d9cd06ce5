"""The hosts that there are, and the models that each says it has."""

from __future__ import annotations

from difflib import get_close_matches

from osstui.simulator.hosts import HOSTS, Host


def hosts(url: str) -> str:
    """Every host as a line for people: where to point a client, its model, its TTFT and its speed."""
    lines = [f"{'base URL':<48}{'model':<68}{'TTFT':>8}{'speed':>13}"]
    for host in HOSTS.values():
        base = f"{url}/{host.id}/{'api' if host.id.startswith('ollama') else 'v1'}"
        lines.append(f"{base:<48}{host.model:<68}{host.ttft_s:>6.2f} s{host.output_tps:>7,.0f} tok/s")
    lines += ["", "POST …/chat/completions, …/responses or …/messages below a base URL (Ollama: …/chat).", ""]
    return "\n".join(lines)


def nearest_host(name: str) -> str:
    """`; did you mean 'groq'?`, or nothing where no host is called alike."""
    near = get_close_matches(name, HOSTS, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


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
