"""What the panes say of a lane's state, in words: one line each, plain text, safe to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from osstui.catalog.rows import age, freshness
from osstui.safe_text import visible_line
from osstui.tui.numbers import clock

if TYPE_CHECKING:
    from datetime import date

    from osstui.events import Failed
    from osstui.job import Price, Target
    from osstui.measure.run import LaneState
    from osstui.tui.widgets.transcript import Severity

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
            return Say("✗", "failed" + _tried(lane), "$error")


def bare_state_of(lane: LaneState | None) -> Say:
    """The same without any figure."""
    words = {
        "connecting": Say("◌", "waiting", "$secondary"),
        "waiting": Say("◌", "waiting", "$secondary"),
        "retrying": Say("◌", "waiting", "$secondary"),
        "thinking": Say("◐", "thinking", "$accent"),
        "streaming": Say("●", "answering", "$primary"),
        "ok": Say("✓", "done", "$success"),
        "cut": Say("!", "cut", "$warning"),
        "cancelled": Say("■", "cancelled", "$secondary"),
        "failed": Say("✗", "failed", "$error"),
    }
    return words["waiting" if lane is None else lane.status]


def _took(lane: LaneState) -> str:
    return clock((lane.t_end or 0) - (lane.t_sent or 0))


def _tried(lane: LaneState) -> str:
    if lane.attempts > 1:
        return f" after {lane.attempts} tries"
    took = _took(lane)
    return "" if took == clock(0) else f" after {took}"


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
    message = visible_line(failure.message, LONGEST).removesuffix(".")
    way = _way_out(failure, target)
    tail = f" – {way}" if way and way not in message else ""
    return f"{failure.kind.replace('_', ' ')}{status}: {message}{tail}"


def _way_out(failure: Failed, target: Target | None) -> str:
    match failure.kind:
        case "no_key":
            return _key_way("set", target)
        case "auth" if failure.status == 402:
            return "add credit at the host, or choose other lanes with Ctrl+L"
        case "auth":
            return _key_way("check", target)
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


def _key_way(verb: str, target: Target | None) -> str:
    if target is None or target.simulated:
        return f"{verb} the host's key"
    if target.api_key_env:
        return f"{verb} {visible_line(target.api_key_env[0], 60)}"
    return "check api_key_command" if target.api_key_command else "add api_key_env to the provider's entry"


def ending_note(lane: LaneState, target: Target | None) -> tuple[str, Severity] | None:
    """What is said below an answer that did not simply end, with the way on."""
    reason = lane.ended.reason if lane.ended else None
    if lane.error is not None:
        return failure_line(lane.error, target), "error"
    if lane.status == "cut":
        # without a word of the answer there is nothing to go on from
        way = "g goes on with the answer, r asks again" if lane.text else "r asks again"
        return f"the stream broke off without an end – in the pane, {way}", "warning"
    if lane.status == "cancelled":
        return "cancelled", "info"
    if not lane.pieces:
        return "the answer is empty – press r in the pane to ask again", "warning"
    if reason == "length" and lane.text:
        return "the token limit is met – press g in the pane to go on", "info"
    if reason == "length":
        return "the token limit is met before the answer began – set a higher one with Ctrl+O", "warning"
    return None


def reasoning_label(lane: LaneState) -> str | None:
    """The header of the reasoning: how many tokens and how long; None without reasoning."""
    window = lane.reasoned
    if not window.chunks:
        return None
    tokens = f"{'≈' if lane.estimated else ''}{round(window.tokens):,} tokens"
    if lane.status == "thinking":
        return f"thinking · {tokens}"
    return f"thought · {tokens} · {clock(window.last - (lane.t_sent or window.first))}"
