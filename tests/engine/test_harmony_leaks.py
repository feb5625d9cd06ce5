from __future__ import annotations

import pytest

from osstui.engine.dialects.harmony import LeakWatch

LEAKS = [
    ("<|channel|>analysis<|message|>Greet.", "<|channel|>"),
    ("Hello<|end|>", "<|end|>"),
    ("Hello <|start|>assistant<|channel|>final<|message|>Hi", "<|start|>"),
    ("Hello <|return|>", "<|return|>"),
    ("analysisGreet.assistantfinalHello", "analysis…assistantfinal"),
    ("\n analysis We need to greet.\n\nassistantfinal Hello", "analysis…assistantfinal"),
]
CLEAN = [
    "Hello",
    "The analysis is that the assistantfinal word is odd",
    "analysis of the data: fine",
    "a <| b |> c",
    "<|endoftext|>",
    "x" * 5000 + "analysis assistantfinal",
]


@pytest.mark.parametrize(("content", "marker"), LEAKS)
def test_a_leaked_marker_is_found_once_wherever_it_is_split(content: str, marker: str) -> None:
    for at in range(len(content) + 1):
        watch = LeakWatch()
        found = [watch.feed(content[:at]), watch.feed(content[at:]), watch.feed("<|end|>")]
        assert [leak for leak in found if leak] == [marker], at
    watch = LeakWatch()
    assert [leak for leak in map(watch.feed, content) if leak] == [marker]


@pytest.mark.parametrize("content", CLEAN)
def test_an_ordinary_answer_is_no_leak(content: str) -> None:
    for size in (1, 7, 100, len(content)):
        watch = LeakWatch()
        assert not any(watch.feed(content[at : at + size]) for at in range(0, len(content), size))
