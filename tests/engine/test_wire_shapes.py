"""Every shape of answer that hosts send, read in pieces of several sizes: the same is understood of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from osstui.engine.dialects import DIALECTS
from osstui.engine.exchange import Ending, Exchange
from osstui.engine.narrator import Narrator
from osstui.engine.wire import Head
from osstui.events import AnyEvent, Delta, Noted, Opened, ServerTimings, Usage

GOLDENS = Path(__file__).parent / "goldens"
TYPES = {
    ".sse": "text/event-stream",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
    ".txt": "text/plain",
}
EXPECTED: dict[str, dict[str, Any]] = {
    f"{path.parent.name}/{name}": wanted
    for path in GOLDENS.glob("*/expected.yaml")
    for name, wanted in yaml.safe_load(path.read_text("utf-8")).items()
}
FILES = {
    f"{path.parent.name}/{path.stem}": path for path in sorted(GOLDENS.glob("*/*")) if path.suffix in TYPES
}
LOOPS = ("asyncio",)
"""Bytes are understood alike on every loop."""
SIZES = (1, 2, 7, 64, 1 << 20)


def test_every_stream_has_its_expectation() -> None:
    assert FILES.keys() == EXPECTED.keys()


async def understood(path: Path, pieces: list[bytes]) -> dict[str, object]:
    """What the engine says of an answer that arrives in these pieces, in the words of `expected.yaml`."""
    told: list[AnyEvent] = []
    parser = DIALECTS[path.parent.name].parser()
    exchange = Exchange(parser, Narrator("run", "a", 0, told.append, len))
    exchange.head(1, Head(200, "1.1", {"content-type": TYPES[path.suffix]}))
    for stamp, piece in enumerate(pieces, 2):
        exchange.body(stamp, piece)
    exchange.ended(len(pieces) + 2, None)
    outcome = await exchange.outcome
    assert isinstance(told[0], Opened)
    found: dict[str, object] = {}
    for delta in told:
        if isinstance(delta, Delta):
            assert delta.text, "a delta is never empty"
            assert delta.t >= 2
            name = delta.kind
            found[name] = str(found.get(name, "")) + delta.text
    usage = [event for event in told if isinstance(event, Usage)]
    if usage:
        last = usage[-1]
        found["usage"] = [last.input, last.output, last.reasoning, last.cached, last.cost_usd]
        if last.server is not None:
            found["server"] = last.server
    if notes := [event.code for event in told if isinstance(event, Noted)]:
        found["notes"] = notes
    if isinstance(outcome, Ending):
        found |= {"reason": outcome.reason, "word": outcome.word, "model": outcome.model}
    else:
        found["failed"] = [outcome.failure.kind, outcome.failure.status, outcome.failure.message]
    return found


def expectation(name: str) -> dict[str, object]:
    wanted = dict(EXPECTED[name])
    if "failed" not in wanted:
        wanted = {"reason": "stop", "word": None, "model": None} | wanted
    if "server" in wanted:
        timings = msgspec.convert(wanted["server"], ServerTimings)
        wanted["server"] = ServerTimings(
            **{
                field: None if value is None else pytest.approx(value)
                for field, value in msgspec.structs.asdict(timings).items()
            }
        )
    return wanted


@pytest.mark.parametrize("name", FILES)
async def test_an_answer_is_understood_whatever_the_size_of_the_reads(name: str) -> None:
    body = FILES[name].read_bytes()
    for size in SIZES:
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        assert await understood(FILES[name], pieces) == expectation(name), size


@pytest.mark.parametrize(
    "name",
    [
        "openai-chat/crlf_without_spaces",
        "openai-chat/bedrock_runtime_one_pair",
        "openai-chat/cut",
        "openai-chat/error_then_done",
        "anthropic-messages/cut",
        "openai-responses/error_in_openai_shape",
        "ollama-chat/cut",
    ],
)
async def test_an_answer_is_understood_at_every_split(name: str) -> None:
    body = FILES[name].read_bytes()
    for at in range(len(body)):
        assert await understood(FILES[name], [body[:at], body[at:]]) == expectation(name), at


@pytest.mark.parametrize("name", FILES)
async def test_line_ends_of_another_kind_change_nothing(name: str) -> None:
    body = FILES[name].read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert await understood(FILES[name], [body]) == expectation(name)


@pytest.mark.parametrize("beginning", [r"\n\n", "<", " <thi"])
async def test_a_beginning_that_might_become_a_tag_keeps_the_stamp_of_its_read(beginning: str) -> None:
    told: list[AnyEvent] = []
    exchange = Exchange(DIALECTS["openai-chat"].parser(), Narrator("run", "a", 0, told.append, len))
    exchange.head(1, Head(200, "1.1", {"content-type": "text/event-stream"}))
    for stamp, text in ((2, beginning), (5, "b>Hi"), (9, "!")):
        exchange.body(stamp, b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode())
    assert [event.t for event in told if isinstance(event, Delta)] == [2, 5, 9]
