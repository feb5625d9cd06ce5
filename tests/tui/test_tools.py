"""Tool calls in the app: shown with their verdict, answered by hand or by command, and the lane goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.widgets import TextArea

from osstui.conversation.recall import turns_of
from osstui.conversation.turn import exchanged
from osstui.events import Sealed, ToolCall
from osstui.job import CallSent, Job, Lane, Message
from osstui.measure.forecast import Budget
from osstui.measure.run import LaneState
from osstui.profile import Profile
from osstui.tui.screens.ask import YesScreen
from osstui.tui.screens.tool_answers import ToolAnswersScreen
from tests.tui.scripted import ScriptedEngine, Terminal, catalog, control_characters, info, terminal
from tests.tui.test_conversation import answered, talk

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RESULT = "17.3 °C"


@pytest.fixture
def tools(tmp_path: Path) -> Profile:
    entries = [
        {"name": "get_weather", "description": "Weather now", "parameters": CITY, "command": "cat"},
        {"name": "now"},
    ]
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(entries))
    return Profile(tools=str(path))


def calls(*wanted: tuple[str, str]) -> ScriptedEngine:
    """groq calls the tools when it has no result yet; every lane answers else, with its name."""

    def answer(engine: ScriptedEngine, job: Job) -> None:
        for lane in job.lanes:
            engine.open(lane.lane)
            if lane.lane == "groq" and not lane.exchange and job.prompt == "weather":
                engine.delta(lane.lane, "I need tools.", 100, "reasoning")
                for index, (name, arguments) in enumerate(wanted):
                    engine.call(lane.lane, name, arguments, 200 + index, index)
                engine.end(lane.lane, 300, "tool_calls")
            else:
                engine.delta(lane.lane, f"{lane.lane}-{len(engine.jobs)}", 200)
                engine.end(lane.lane, 300)

    return ScriptedEngine(answer)


WEATHER = ("get_weather", '{"city": "Oslo"}')


async def answering(t: Terminal) -> ToolAnswersScreen:
    await t.press("alt+2", "t")
    await t.until(lambda: isinstance(t.app.screen, ToolAnswersScreen))
    screen = t.app.screen
    assert isinstance(screen, ToolAnswersScreen)
    await t.until(lambda: screen.query("#result-0"))
    return screen


async def sent(t: Terminal) -> None:
    before = len(t.engine.jobs)
    await t.press("ctrl+s")
    await t.until(lambda: len(t.engine.jobs) > before)
    await t.until_quiet()


async def test_a_call_is_shown_with_its_verdict_and_the_key_that_answers_it(tools: Profile) -> None:
    async with terminal(calls(WEATHER), profile=tools, lanes=["cerebras", "groq"]) as t:
        await answered(t, "weather")
        await t.until_shown('get_weather {"city": "Oslo"}')
        assert "✓ get_weather fits its schema" in t.screen
        assert "press t in the pane to answer it" in t.screen


async def test_a_call_that_does_not_fit_says_why(tools: Profile) -> None:
    wrong = (("get_weather", '{"town": 1}'), ("get_wether", "{}"))
    async with terminal(calls(*wrong), profile=tools, lanes=["cerebras", "groq"], size=(160, 40)) as t:
        await answered(t, "weather")
        await t.until_shown("✗ get_weather: SchemaMismatch: $: 'city' is a required property")
        assert "✗ get_wether: UnknownName" in t.screen
        assert "press t in the pane to answer them" in t.screen


async def test_a_result_by_hand_takes_the_lane_on_in_its_pane_and_later_turns_carry_it(
    tools: Profile,
) -> None:
    async with terminal(calls(WEATHER), profile=tools) as t:
        await answered(t, "weather")
        screen = await answering(t)
        screen.query_one("#result-0", TextArea).text = RESULT
        await sent(t)
        (lane,) = t.engine.job.lanes
        call = CallSent("call_0", *WEATHER)
        exchange = (
            Message("assistant", "", "I need tools.", calls=(call,)), Message("tool", RESULT, answers=call),
        )  # fmt: skip
        assert (lane.lane, lane.exchange) == ("groq", exchange)
        assert [tool.name for tool in lane.tools] == ["get_weather", "now"]
        await t.until_shown(f"get_weather gave: {RESULT}")
        assert t.screen.count("groq-2") == 1
        await answered(t, "and tomorrow?")
        asked = next(asked for asked in t.engine.job.lanes if asked.lane == "groq")
        assert asked.messages == (
            Message("user", "weather"), *exchange, Message("assistant", "groq-2"),
            Message("user", "and tomorrow?"),
        )  # fmt: skip
        assert talk(t, "cerebras") == [
            ("user", "weather"), ("assistant", "cerebras-1"), ("user", "and tomorrow?"),
        ]  # fmt: skip


async def test_the_command_of_the_tools_file_runs_after_a_yes_and_its_output_can_be_read_first(
    tools: Profile,
) -> None:
    async with terminal(calls(WEATHER), profile=tools) as t:
        await answered(t, "weather")
        screen = await answering(t)
        await t.press("ctrl+r")
        await t.until(lambda: isinstance(t.app.screen, YesScreen))
        assert "Run cat (in " in t.screen
        await t.press("enter")
        await t.until(lambda: t.app.screen is screen)
        assert screen.query_one("#result-0", TextArea).text == ""
        await t.press("ctrl+r")
        await t.until(lambda: isinstance(t.app.screen, YesScreen))
        await t.press("y")
        await t.until_shown("exit code 0 after")
        assert screen.query_one("#result-0", TextArea).text == WEATHER[1]
        await sent(t)
        assert t.engine.job.lanes[0].exchange[-1].content == WEATHER[1]


async def test_what_a_command_wrote_is_sent_as_it_came_and_shown_without_controls(tmp_path: Path) -> None:
    path = tmp_path / "tools.yaml"
    path.write_text(r"- {name: now, command: [printf, 'a\033[2Jb\r\n']}")
    async with terminal(calls(("now", "")), profile=Profile(tools=str(path))) as t:
        await answered(t, "weather")
        screen = await answering(t)
        await t.press("ctrl+r", "y")
        await t.until_shown("exit code 0 after")
        assert control_characters(screen.query_one("#result-0", TextArea).text) == set()
        await sent(t)
        assert t.engine.job.lanes[0].exchange[-1].content == "a\x1b[2Jb\r\n"
        assert control_characters(t.screen) == set()


async def test_a_command_does_not_get_the_keys_of_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    monkeypatch.setenv("HARMLESS", "yes")
    path = tmp_path / "tools.yaml"
    path.write_text("- {name: now, command: env}")
    async with terminal(calls(("now", "")), profile=Profile(tools=str(path))) as t:
        await answered(t, "weather")
        screen = await answering(t)
        await t.press("ctrl+r", "y")
        await t.until_shown("exit code 0 after")
        written = screen.query_one("#result-0", TextArea).text
        assert "HARMLESS=yes" in written
        assert "gsk-secret" not in written


async def test_escape_ends_a_command_and_leaves_the_screen_open(tmp_path: Path) -> None:
    path = tmp_path / "tools.yaml"
    path.write_text("- {name: now, command: sleep 60}")
    async with terminal(calls(("now", "")), profile=Profile(tools=str(path))) as t:
        await answered(t, "weather")
        screen = await answering(t)
        await t.press("ctrl+r", "y")
        await t.until_shown("running… Esc ends it")
        await t.press("escape")
        await t.until_shown("the command was ended")
        assert t.app.screen is screen
        await t.press("escape")
        await t.until(lambda: t.app.screen is t.compare)


async def test_what_was_written_is_kept_when_the_screen_is_left_and_an_empty_result_is_asked_about(
    tools: Profile,
) -> None:
    async with terminal(calls(WEATHER, ("now", "{}")), profile=tools) as t:
        await answered(t, "weather")
        screen = await answering(t)
        screen.query_one("#result-0", TextArea).text = RESULT
        await t.press("escape")
        await t.until(lambda: t.app.screen is t.compare)
        screen = await answering(t)
        assert screen.query_one("#result-0", TextArea).text == RESULT
        assert screen.focused is screen.query_one("#result-1", TextArea)
        await t.press("ctrl+r")
        await t.until_shown("names no command for this tool")
        await t.press("ctrl+s")
        await t.until_shown("This result is empty")
        assert len(t.engine.jobs) == 1
        await sent(t)
        assert [message.content for message in t.engine.job.lanes[0].exchange[1:]] == [RESULT, ""]


async def test_other_lanes_go_on_while_one_is_answered(tools: Profile) -> None:
    def answer(engine: ScriptedEngine, job: Job) -> None:
        for lane in job.lanes:
            engine.open(lane.lane)
            if lane.lane == "groq" and not lane.exchange:
                engine.call(lane.lane, *WEATHER, 200)
                engine.end(lane.lane, 300, "tool_calls")

    async with terminal(ScriptedEngine(answer), profile=tools, lanes=["cerebras", "groq"]) as t:
        await t.ask("weather")
        await t.until_shown("press t in the pane")
        screen = await answering(t)
        screen.query_one("#result-0", TextArea).text = RESULT
        await t.press("ctrl+s")
        await t.until(lambda: len(t.engine.jobs) == 2)
        assert len(t.compare.session.live) == 2
        assert t.engine.cancelled == []


async def test_nothing_is_to_be_answered_where_no_tool_was_called(tools: Profile) -> None:
    async with terminal(calls(WEATHER), profile=tools) as t:
        await answered(t, "hello")
        await t.press("alt+2", "t")
        await t.until(lambda: "groq has called no tool that waits for an answer" in t.notices)


async def test_regenerating_begins_without_the_results_and_editing_takes_the_turn_back(
    tools: Profile,
) -> None:
    async with terminal(calls(WEATHER), profile=tools) as t:
        await answered(t, "weather")
        (await answering(t)).query_one("#result-0", TextArea).text = RESULT
        await sent(t)
        await t.press("alt+2", "r")
        await t.until(lambda: len(t.engine.jobs) == 3)
        await t.until_quiet()
        assert t.engine.job.lanes[0].exchange == ()
        assert not any(part.exchange for part in t.compare.session.turns[0].parts.values())
        await t.press("e")
        assert t.compare.prompt.text == "weather"
        assert t.compare.session.turns == []


async def test_results_are_not_lost_when_the_lane_then_fails_and_the_whole_round_is_counted(
    tools: Profile,
) -> None:
    def answer(engine: ScriptedEngine, job: Job) -> None:
        (lane,) = job.lanes
        engine.open(lane.lane)
        if not lane.exchange:
            engine.call(lane.lane, *WEATHER, 200)
            engine.usage(lane.lane, 250, 1_000_000, 0)
            engine.end(lane.lane, 300, "tool_calls")
        elif len(engine.jobs) == 2:
            engine.fail(lane.lane, 300, "overloaded", "server", 503)
        else:
            engine.delta(lane.lane, "It is warm.", 200)
            engine.usage(lane.lane, 250, 1_000_000, 0)
            engine.end(lane.lane, 300)

    async with terminal(ScriptedEngine(answer), profile=tools, lanes=["groq"]) as t:
        await answered(t, "weather")
        await t.press("alt+1", "t")
        await t.until(lambda: isinstance(t.app.screen, ToolAnswersScreen))
        t.app.screen.query_one("#result-0", TextArea).text = RESULT
        await sent(t)
        await t.until_shown("overloaded")
        before = t.engine.job.lanes[0]
        await t.press("r")
        await t.until(lambda: len(t.engine.jobs) == 3)
        await t.until_quiet()
        assert t.engine.job.lanes[0].messages == before.messages
        await t.until_shown("It is warm.")
        assert f"get_weather gave: {RESULT}" in t.screen
        await t.until_shown("$1.20 this prompt")


async def test_an_answer_that_might_pass_the_budget_is_not_sent_and_its_results_are_kept(
    tools: Profile,
) -> None:
    spend = Budget(per_session=1e-9)
    async with terminal(calls(WEATHER), profile=tools) as t:
        await answered(t, "weather")
        screen = await answering(t)
        screen.query_one("#result-0", TextArea).text = RESULT
        t.app.session.budget = spend
        await t.press("ctrl+s")
        await t.until_shown("not sent: it may cost")
        assert len(t.engine.jobs) == 1
        assert (await answering(t)).query_one("#result-0", TextArea).text == RESULT


async def test_a_hostile_call_is_text_and_nothing_else(tools: Profile) -> None:
    wrong = ("[red]\x1b]0;owned\x07\u202e", '{"city": "[/x]\x1b[2J' + "x" * 5_000)
    async with terminal(calls(wrong), profile=tools) as t:
        await answered(t, "weather")
        assert control_characters(t.screen) == set()
        await answering(t)
        await t.until_shown("characters in all)")
        assert control_characters(t.screen) == set()
        assert "[red]" in t.screen


async def test_more_calls_than_anybody_could_answer_are_told_and_not_opened(tools: Profile) -> None:
    async with terminal(calls(*[("now", "{}")] * 500), profile=tools) as t:
        await answered(t, "weather")
        await t.until_shown("500 tools were called")
        await t.press("alt+2", "t")
        await t.until(lambda: "groq has called 500 tools at once" in t.notices)


async def test_calls_that_share_an_id_or_have_none_are_told_apart() -> None:
    state = LaneState(info(Lane("groq", catalog().target("groq"), ())))
    for index, id in enumerate(["x", "x", None, "y"]):
        state.apply(ToolCall("r", "groq", 1, index, id, "now", "{}"))
    state.apply(Sealed("r", "groq", 1, "[]"))
    said, *results = exchanged(state, ["a", "b", "c", "d"])
    assert said.sealed == "[]"
    assert [call.id for call in said.calls] == ["call_1", "call_2", "call_3", "y"]
    assert [message.answers for message in results] == [*said.calls]


async def test_a_reopened_conversation_has_the_exchange_again(tools: Profile) -> None:
    async with terminal(calls(WEATHER), profile=tools, lanes=["groq"]) as t:
        await answered(t, "weather")
        await t.press("alt+1", "t")
        await t.until(lambda: isinstance(t.app.screen, ToolAnswersScreen))
        t.app.screen.query_one("#result-0", TextArea).text = RESULT
        first = t.compare.session.turns[0].runs["groq"]
        await sent(t)
        turn = t.compare.session.turns[0]
        (again,) = turns_of([(0, first.state), (0, turn.runs["groq"].state)])
        assert again.part("groq").exchange == turn.part("groq").exchange
        assert again.part("groq").called == (first.state.lanes["groq"],) == turn.part("groq").called
        assert again.said("groq") == turn.said("groq")
        await answered(t, "next")
        await t.press("f4")
        await t.press("up", "f")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown(f"get_weather gave: {RESULT}")
        assert t.screen.index("get_weather {") < t.screen.index("gave:") < t.screen.index("groq-2")


async def test_a_conversation_from_the_history_goes_on_with_its_whole_exchange(
    tools: Profile, tmp_path: Path
) -> None:
    engine = calls(WEATHER)
    history = tmp_path / "history.db"
    async with terminal(engine, profile=tools, lanes=["groq"], history=lambda: history) as t:
        await answered(t, "weather")
        await t.press("alt+1", "t")
        await t.until(lambda: isinstance(t.app.screen, ToolAnswersScreen))
        t.app.screen.query_one("#result-0", TextArea).text = RESULT
        await sent(t)
        exchange = t.engine.job.lanes[0].exchange
    async with terminal(engine, lanes=["groq"], history=lambda: history) as t:
        await t.press("ctrl+g")
        await t.until_shown("weather")
        await t.press("enter")
        await t.until_shown(f"get_weather gave: {RESULT}")
        await answered(t, "next")
        assert t.engine.job.lanes[0].messages[1:3] == exchange
