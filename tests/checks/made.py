"""Answers made by hand, and a check's verdict on them."""

from __future__ import annotations

from collections.abc import Mapping

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host, Verdict
from osstui.checks.table import BY_ID
from osstui.engine.api import HostFacts
from osstui.events import Connected, Delta, Ended, EndReason, Failed, Noted, Opened, Sent, ToolCall, Usage
from osstui.job import Params
from osstui.measure.lane import LaneState
from tests.checks.hosts import target
from tests.measure.made import info


def facts(**fields: object) -> HostFacts:
    return HostFacts(provider="here", **fields)  # type: ignore[arg-type]


def judged(row: str, facts: HostFacts, *answers: Observation, **fields: object) -> Verdict:
    """The check's verdict on these answers, in the order of its questions."""
    host = Host("here", target("https://host.example", **fields), facts)
    plan = BY_ID[row].run(host)
    given = list(answers)
    try:
        wanted = next(plan)
        while True:
            batch, given = given[: len(wanted)], given[len(wanted) :]
            host.seen += batch
            wanted = plan.send(batch)
    except StopIteration as ending:
        verdict: Verdict = ending.value
        return verdict


def answered(
    text: str = "OK 7319",
    *,
    model: str = "openai/gpt-oss-120b",
    tokens: int = 3,
    thought: int = 0,
    usage: Mapping[str, int | None] | None = None,
    finish: EndReason | None = "stop",
    calls: tuple[tuple[str, str], ...] = (),
    traits: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    exact: bool = True,
    **headers: str,
) -> Observation:
    """A good answer of so many tokens, after `thought` tokens of reasoning; `finish` None: not told."""
    lane = LaneState(info(params=Params(), exact_tokenizer=exact))
    told = tuple(ToolCall("r", "here", 4, n, f"c{n}", *call) for n, call in enumerate(calls))
    for event in (
        Connected("r", "here", 1, 1, None, 1, None, False),
        Sent("r", "here", 2, 1),
        Opened("r", "here", 3, 200, "1.1", "req_1", headers),
        *([Delta("r", "here", 3, "reasoning", "thinking", thought)] if thought else []),
        Delta("r", "here", 4, "text", text, tokens),
        *([Usage("r", "here", 4, **usage)] if usage else []),  # type: ignore[arg-type]
        Ended("r", "here", 5, finish or "stop", finish, model, {"end_marker": "yes", **(traits or {})}),
    ):
        lane.apply(event)
    said = tuple(Noted("r", "here", 2, code, message) for code, message in (notes or {}).items())
    return Observation(probe("?"), lane, {}, told, said, (len(text),))


def refused(
    status: int,
    message: str = "no",
    body: str = '{"detail": "no"}',
    *,
    http: int | None = None,
    retry_after: float | None = None,
) -> Observation:
    """A refusal; `http`: the status of the answer that told it, where that is another."""
    lane = LaneState(info(params=Params()))
    lane.apply(Sent("r", "here", 2, 1))
    lane.apply(Opened("r", "here", 3, http or status, "1.1", None, {}))
    kind = {401: "auth", 402: "auth", 403: "auth", 429: "rate_limit"}.get(status, "server")
    lane.apply(Failed("r", "here", 3, kind, status, message, retry_after, body))  # type: ignore[arg-type]
    return Observation(probe("?"), lane, {})


def called(*calls: tuple[str, str]) -> Observation:
    return answered("", calls=calls)
