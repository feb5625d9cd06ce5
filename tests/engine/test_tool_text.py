from __future__ import annotations

from osstui.engine.dialects.base import Piece
from osstui.engine.dialects.tool_text import ToolText


def text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def test_a_whole_call_is_its_name_and_its_arguments() -> None:
    assert text([*ToolText().call("weather", '{"city":"Rome"}')]) == 'weather {"city":"Rome"}'


def test_pieces_go_on_with_the_last_call() -> None:
    tools = ToolText()
    pieces = [*tools.call("weather", '{"'), *tools.call(None, "city"), *tools.call("", '":"Rome"}')]
    assert text(pieces) == 'weather {"city":"Rome"}'
    assert tools.finished()[0].arguments == '{"city":"Rome"}'


def test_each_further_call_begins_a_line() -> None:
    tools = ToolText()
    assert text([*tools.call("a", "{}"), *tools.call("b", "{}")]) == "a {}\nb {}"


def test_pieces_of_parallel_calls_come_together_by_their_index() -> None:
    tools = ToolText()
    for name, arguments, index in (("a", "{", 0), ("b", "[", 1), (None, "}", 0), (None, "]", 1)):
        [*tools.call(name, arguments, index=index, id=f"call_{index}")]
    assert [(c.name, c.arguments, c.id) for c in tools.finished()] == [
        ("a", "{}", "call_0"),
        ("b", "[]", "call_1"),
    ]


def test_arguments_may_be_a_value() -> None:
    assert text([*ToolText().call("weather", {"city": "Rome"})]) == 'weather {"city":"Rome"}'


def test_only_the_model_s_words_are_counted() -> None:
    tools = ToolText()
    [*tools.call("a", "{}")]
    name, arguments = tools.call("b", "{}")
    assert (name.text, name.counted) == ("\nb ", "b")
    assert (arguments.text, arguments.counted) == ("{}", None)


def test_arguments_before_any_call_are_shown_and_no_call() -> None:
    tools = ToolText()
    assert text([*tools.call(None, "{}")]) == "{}"
    assert tools.finished() == []


def test_finished_calls_are_handed_out_once() -> None:
    tools = ToolText()
    [*tools.call("a", "{}")]
    assert len(tools.finished()) == 1
    assert tools.finished() == []


def test_a_name_that_is_said_with_every_piece_begins_one_call() -> None:
    tools = ToolText()
    for arguments in ('{"', "city", '":1}'):
        [*tools.call("weather", arguments, index=0, id="c1")]
    [*tools.call("weather", "{}", index=0, id="c2")]
    assert [call.arguments for call in tools.finished()] == ['{"city":1}', "{}"]


def test_pieces_without_an_index_come_together_by_their_id() -> None:
    tools = ToolText()
    for name, arguments, id in (("a", "{", "x"), ("b", "[", "y"), (None, "}", "x"), (None, "]", "y")):
        [*tools.call(name, arguments, id=id)]
    assert [call.arguments for call in tools.finished()] == ["{}", "[]"]
