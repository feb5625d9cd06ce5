"""Past runs as a conversation, whatever was recorded."""

from __future__ import annotations

from msgspec.structs import replace

from osstui.conversation.recall import conversation_of
from osstui.events import Ended
from osstui.job import Params
from osstui.store.rows import RunRow
from tests.store.made import AT, folded, lane, started


def test_recorded_parameters_that_cannot_be_sent_are_told_and_the_conversation_opens() -> None:
    wrong = replace(lane("groq"), params=Params(temperature=-3.0))
    begun = replace(started(lanes=("groq", "together")), lanes=(wrong, lane("together")))
    state = folded([begun, Ended("run1", "groq", 9, "stop"), Ended("run1", "together", 9, "stop")])
    row = RunRow("run1", "talk", 0, AT, "why?", "Be brief", "done", "why?", False, (), ("groq",), None)
    past = conversation_of([row], [state], None)
    assert [turn.prompt for turn in past.turns] == ["why?"]
    assert past.profiles["groq"].temperature is None
    assert past.profiles["groq"].system == "Be brief"
    assert past.profiles["together"].effort == "low"
    (told,) = past.problems
    assert "groq" in told
    assert "temperature must be at least 0" in told
