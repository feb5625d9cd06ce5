"""What the panes say of a lane's state, in words: one line each, plain text, safe to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from osstui.catalog.table import age, freshness
from osstui.safe_text import visible_line
from osstui.tui.numbers import clock

if TYPE_CHECKING:
    from datetime import date

    from osstui.events import Failed
    from osstui.job import Price, Target
    from osstui.measure.run import LaneState

LONGEST = 400
"""Characters of a host's message that one line shows; the details show all of it."""


class Say(NamedTuple):
    glyph: str
    words: str
    color: str
    """A theme variable."""


def state_of(lane: LaneState | None, now: int) -> Say:
    """A lane's state at `now` (ns since the job started); None is a lane that the engine has not begun."""
    if lane is None:
        return Say("◌", f"connecting {clock(now)}", "$secondary")
    since = now - (lane.t_sent or 0)
    match lane.status:
        case "connecting":
            return Say("◌", f"connecting {clock(now)}", "$secondary")
        case "waiting":
            return Say("◌", f"waiting {clock(since)}", "$accent")
        case "thinking":
            return Say("◐", f"thinking {clock(since)}", "$accent")
        case "streaming":
            return Say("●", f"streaming {clock(since)}", "$primary")
        case "retrying":
            wait = max(0, (lane.retry_at or 0) - now)
            return Say("↻", f"try {lane.attempts} in {clock(wait)}", "$warning")
        case "ok":
            return Say("✓", _ended(lane), "$success")
        case "cut":
            return Say("!", f"cut after {_took(lane)}", "$warning")
        case "cancelled":
            return Say("■", f"cancelled after {_took(lane)}", "$secondary")
        case "failed":
            return Say("✗", f"failed after {_took(lane)}", "$error")


def _took(lane: LaneState) -> str:
    return clock((lane.t_end or 0) - (lane.t_sent or 0))


def _ended(lane: LaneState) -> str:
    reason = lane.ended.reason if lane.ended else "stop"
    word = {
        "length": "token limit",
        "content_filter": "content filter",
        "tool_calls": "tool call",
    }.get(reason, "done")
    return f"{word} {_took(lane)}"


def price_age(price: Price, today: date) -> str:
    """Why a price may no longer hold; empty where it is fresh."""
    match freshness(price.as_of, today):
        case "stale":
            return f"! price {age(price.as_of, today)}"
        case "undated":
            return "? price without a date"
        case "fresh":
            return ""


def failure_line(failure: Failed, target: Target | None) -> str:
    """`auth 401: Invalid API Key – set GROQ_API_KEY`: kind, status, the host's message, the way out."""
    status = f" {failure.status}" if failure.status is not None else ""
    message = visible_line(failure.message, LONGEST)
    way = _way_out(failure, target)
    tail = f" – {way}" if way and way not in message else ""
    return f"{failure.kind.replace('_', ' ')}{status}: {message}{tail}"


def _way_out(failure: Failed, target: Target | None) -> str:
    match failure.kind:
        case "auth" | "no_key":
            return _key_way(target)
        case "rate_limit":
            wait = f"wait {failure.retry_after:g} s, then " if failure.retry_after else "wait a little, then "
            return f"{wait}press r in the pane"
        case "not_found":
            return "choose another model with Ctrl+L"
        case "connect" | "tls":
            where = visible_line(target.base_url, 80) if target else "the address"
            return f"check that {where} can be reached, then press r in the pane"
        case "bad_request":
            return "change the prompt or the parameters"
        case "content":
            return "change the prompt"
        case "timeout" | "server" | "protocol":
            return "press r in the pane to ask again"


def _key_way(target: Target | None) -> str:
    if target is None or target.simulated:
        return ""
    if target.api_key_env:
        return f"set {visible_line(target.api_key_env[0], 60)}"
    return "check api_key_command" if target.api_key_command else "add api_key_env to the provider's entry"


def reasoning_label(lane: LaneState) -> str | None:
    """The header of the reasoning: how many tokens and how long; None without reasoning."""
    window = lane.reasoned
    if not window.chunks:
        return None
    tokens = f"{'≈' if lane.estimated else ''}{round(window.tokens):,} tokens"
    if lane.status == "thinking":
        return f"thinking · {tokens}"
    return f"thought · {tokens} · {clock(window.last - (lane.t_sent or window.first))}"
