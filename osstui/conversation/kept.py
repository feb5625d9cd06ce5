"""What a conversation is beside its runs, as the history keeps it with each of them: which run answers each
lane in each turn, what a lane heard in the place of an answer of its own, how the lanes are asked. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from osstui.conversation.pastes import stands_alone
from osstui.conversation.turn import Part, Said, Turn
from osstui.job import Message
from osstui.profile import Profile

if TYPE_CHECKING:
    from osstui.conversation.live_run import LiveRun
    from osstui.conversation.session import Session


class KeptTurn(msgspec.Struct, omit_defaults=True):
    """A turn. Prompts and answers stand in its runs, of which only the ids are kept here."""

    runs: dict[str, str]
    """By lane."""
    heard: dict[str, Said] = {}
    begun: dict[str, str] = {}
    exchange: dict[str, tuple[Message, ...]] = {}
    draft: str = ""

    def parts(self, runs: Mapping[str, LiveRun]) -> dict[str, Part]:
        """The lanes' parts again, with the runs of those that are still there."""
        return {
            name: Part(
                runs.get(name),
                self.heard.get(name),
                self.begun.get(name, ""),
                exchange=self.exchange.get(name, ()),
            )
            for name in dict.fromkeys((*runs, *self.heard, *self.begun, *self.exchange))
        }


class Talk(msgspec.Struct, omit_defaults=True):
    turns: list[KeptTurn]
    lanes: list[str] = []
    profile: dict[str, object] = {}
    own: dict[str, dict[str, object]] = {}
    """By lane: the profile's fields in which it differs."""
    muted: list[str] = []
    dropped: dict[str, int] = {}

    def profile_of(self, lane: str | None = None) -> Profile:
        """That of all lanes, or a lane's own. Raises ValueError."""
        own = self.own.get(lane, {}) if lane is not None else {}
        return msgspec.convert({**self.profile, **own}, Profile)

    def turns_with(self, runs: Mapping[str, LiveRun]) -> list[Turn]:
        """The turns again. One whose runs were deleted is left out; so are the lanes of a deleted run."""
        turns = []
        for kept in self.turns:
            there = {lane: runs[run] for lane, run in kept.runs.items() if run in runs}
            if there:
                prompt = next(iter(there.values())).state.prompt
                turns.append(Turn(prompt, kept.parts(there), draft=kept.draft))
        return turns


def talk_of(session: Session) -> str | None:
    """As JSON; None where a text in it is no Unicode."""
    talk = Talk(
        [
            KeptTurn(
                {lane: run.job.run for lane, run in turn.runs.items()},
                {lane: part.heard for lane, part in turn.parts.items() if part.heard is not None},
                {lane: part.begun for lane, part in turn.parts.items() if part.begun},
                {lane: part.exchange for lane, part in turn.parts.items() if part.exchange},
                _draft(turn),
            )
            for turn in session.turns
        ],
        [*session.lanes],
        session.profile.set_fields,
        session.overrides,
        sorted(session.muted),
        session.dropped,
    )  # fmt: skip
    try:
        return msgspec.json.encode(talk).decode()
    except UnicodeEncodeError:
        return None


def _draft(turn: Turn) -> str:
    """Only where it can be put into another box and come to the same prompt."""
    return turn.draft if turn.draft != turn.prompt and stands_alone(turn.draft) else ""


def read_talk(written: str | None) -> Talk | None:
    """None where nothing was written, or nothing that this osstui can read."""
    try:
        return msgspec.json.decode(written, type=Talk) if written else None
    except (msgspec.DecodeError, UnicodeError):
        return None
