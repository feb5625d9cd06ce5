"""A key in a model's output is hidden, however the host cuts it; nothing else changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.local import LocalEngine
from osstui.engine.veil import BEGINNING, Veil
from osstui.events import Delta, DeltaKind, Opened
from tests.engine.asking import KEY as API_KEY
from tests.engine.asking import Told, ask, job, target
from tests.engine.scripted_host import Host, Peer, data, delta, finish, head, says, whole

KEY = "sk-or-v1-0123456789abcdef"
WORDS = st.text("sk-orv1 0123é", max_size=12)


def told(*texts: str, secrets: Sequence[str] = (KEY,), kind: DeltaKind = "text") -> list[Delta]:
    """The deltas of these pieces, stamped 0, 1, 2 … and counted as 1 each."""
    veil = Veil(secrets)
    out: list[Delta] = []
    for t, text in enumerate(texts):
        out += veil.feed(Delta("r", "a", t, kind, text, 1))
    return [*out, *veil.end()]


def text_of(deltas: Sequence[Delta]) -> str:
    return "".join(one.text for one in deltas)


def cut(text: str, places: Sequence[int]) -> list[str]:
    ends = [*sorted({place % len(text) for place in places} - {0}), len(text)]
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(WORDS, WORDS, st.lists(st.integers(0, 200), max_size=8), st.integers(1, 2))
def test_a_key_is_hidden_wherever_it_is_cut(before: str, after: str, places: list[int], times: int) -> None:
    pieces = cut(f"{before}. {f'{KEY}.' * times}{after}", places)
    deltas = told(*pieces)
    assert KEY[: BEGINNING + 1] not in text_of(deltas)
    assert KEY[BEGINNING:] not in text_of(deltas)
    assert text_of(deltas).startswith(f"{before}. ")
    assert text_of(deltas).endswith(f".{after}")
    assert [(one.t, one.n) for one in deltas] == [(t, 1) for t in range(len(pieces))]
    assert all(one.text for one in deltas)


@given(st.text(min_size=1), st.lists(st.integers(0, 200), max_size=8))
def test_text_without_a_key_goes_through_as_it_is(text: str, places: list[int]) -> None:
    pieces = cut(text, places)
    assert [one.text for one in told(*pieces)] == pieces


def test_only_what_may_become_a_key_is_waited_for() -> None:
    veil = Veil((KEY,))

    def said(text: str) -> list[str]:
        return [one.text for one in veil.feed(Delta("r", "a", 0, "text", text, 1))]

    assert said("It begins with sk-or") == ["It begins with sk-or"]
    assert said("-v1-") == []
    assert said("012") == []
    assert said(", they say") == ["-v1-", "012", ", they say"]


def test_a_key_in_one_piece_is_hidden_at_once() -> None:
    veil = Veil((KEY,))
    (one,) = veil.feed(Delta("r", "a", 0, "text", f"<{KEY}> and <{KEY}>", 1))
    assert one.text == "<[key]> and <[key]>"


def test_a_key_that_breaks_off_is_hidden_and_its_public_beginning_is_not() -> None:
    assert text_of(told("it is ", KEY[:12], KEY[12:20])) == "it is [key][key]"
    assert text_of(told("they begin with ", KEY[:10])) == f"they begin with {KEY[:10]}"


def test_another_kind_of_output_lets_go_of_what_was_held() -> None:
    veil = Veil((KEY,))
    assert veil.feed(Delta("r", "a", 0, "reasoning", KEY[:10], 1)) == ()
    kinds = [one.kind for one in veil.feed(Delta("r", "a", 1, "text", "So", 1))]
    assert kinds == ["reasoning", "text"]


def test_one_secret_may_hold_another() -> None:
    told_of_three = text_of(told("a ", KEY, " b", secrets=(KEY[:18], KEY, KEY[4:22])))
    assert told_of_three.replace("[key]", "") == "a  b"


def test_a_short_secret_is_no_secret_of_the_output() -> None:
    assert text_of(told("oll", "ama", secrets=("ollama",))) == "ollama"


async def test_a_key_that_a_host_echoes_in_pieces_is_in_no_event_and_the_stamps_are_its_reads(
    engine: LocalEngine,
) -> None:
    async def echo(peer: Peer) -> None:
        await peer.send(head(), data(delta(content=f"It is {API_KEY[:9]}")))
        await first.wait()
        await peer.send(data(delta(content=f"{API_KEY[9:]}.")), data(finish(), "[DONE]"))
        peer.close()

    first, events = asyncio.Event(), []
    async with Host(echo) as host:
        async for event in engine.run(job(target(host.url))):
            events.append(event)
            if isinstance(event, Opened):
                first.set()
    told = Told(events)
    assert told.text() == "It is [key][key]."
    assert API_KEY[9:] not in str(events)
    assert told.ended().reason == "stop"


async def test_what_was_held_is_told_before_a_lane_is_over(engine: LocalEngine) -> None:
    async with Host(says(whole(data(delta(content=f"It is {API_KEY[:12]}"))))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == f"It is {API_KEY[:12]}"
    assert told.ended().reason == "truncated"
