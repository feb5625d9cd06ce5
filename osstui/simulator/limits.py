"""Rate-limit and retry headers in each host's notation."""

from __future__ import annotations

import time
from email.utils import formatdate

from osstui.simulator.hosts import Host

_REQUESTS, _TOKENS = 1000, 250_000
_REFILL_S = 86.4


def go_duration(seconds: float) -> str:
    """A duration as Go prints it: 577.5ms, 7.66s, 2m59.56s, 1h2m3s."""
    if seconds < 1:
        return f"{seconds * 1e3:.4g}ms"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    head = f"{hours:.0f}h" if hours else ""
    return f"{head}{f'{minutes:.0f}m' if minutes or head else ''}{left:.6g}s"


def limit_headers(host: Host, used: int, prompt_tokens: int, *, odd: bool = False) -> dict[str, str]:
    """Headers after `used` requests; empty for hosts that send none. `odd`: more remains than the limit."""
    requests = 2 * _REQUESTS if odd else max(_REQUESTS - used, 0)
    tokens = max(_TOKENS - prompt_tokens, 0)
    reset_requests, reset_tokens = used * _REFILL_S, prompt_tokens * 60 / _TOKENS
    now = time.time()
    match host.limits:
        case "go":
            rows = (("requests", _REQUESTS, requests, go_duration(reset_requests)),
                    ("tokens", _TOKENS, tokens, go_duration(reset_tokens)))  # fmt: skip
        case "seconds":
            rows = (("requests-day", _REQUESTS, requests, f"{reset_requests:.3f}"),
                    ("tokens-minute", _TOKENS, tokens, f"{reset_tokens:.3f}"))  # fmt: skip
        case "epoch":
            rows = (("requests", _REQUESTS, requests, f"{now + 60:.0f}"),
                    ("requests-day", _REQUESTS * 20, requests * 20, f"{now + 86_400:.0f}"))  # fmt: skip
        case "epoch-ms":
            rows = (("requests", _REQUESTS, requests, f"{(now + 60) * 1e3:.0f}"),
                    ("tokens", _TOKENS, tokens, f"{(now + 60) * 1e3:.0f}"))  # fmt: skip
        case "bare":
            values = {"limit": _REQUESTS, "remaining": requests, "reset": 1}
            return {f"x-ratelimit-{name}": str(value) for name, value in values.items()}
        case "amazon":
            values = {"quota": _TOKENS, "remaining-quota": tokens, "spillover": 0}
            return {f"x-amzn-usage-reservation-{name}": str(value) for name, value in values.items()}
        case None:
            return {}
    out: dict[str, str] = {}
    for name, limit, remaining, reset in rows:
        out |= {
            f"x-ratelimit-limit-{name}": str(limit),
            f"x-ratelimit-remaining-{name}": str(remaining),
            f"x-ratelimit-reset-{name}": reset,
        }
    return out


def retry_after(wish: str | None) -> str:
    """`2` seconds, `date:2` an HTTP date in 2 s, `go:2` a Go duration; 1 second when nothing is wished."""
    form, _, amount = (wish or "1").rpartition(":")
    if amount in ("date", "go"):
        form, amount = amount, "2"
    seconds = float(amount)
    if form == "date":
        return formatdate(time.time() + seconds, usegmt=True)
    return go_duration(seconds) if form == "go" else f"{seconds:g}"
