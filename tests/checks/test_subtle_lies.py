"""Lies that are nearly the truth, and truths that look odd: each judged by hand-made answers."""

from __future__ import annotations

import json

import pytest

from osstui.checks.control import HARD
from osstui.checks.errors import NONSENSE
from osstui.checks.exchange import Observation
from osstui.checks.long import NEEDLES
from osstui.engine.dialects import DIALECTS
from osstui.engine.dialects.chat_parser import ChatParser
from osstui.job import Quirks
from tests.checks.made import answered, called, facts, judged, refused

LONG, SHORT = 240, 24
"""Tokens of the answers to the two questions that usage is judged by."""


def accounted(tokens: int, thought: int, **told: int | None) -> Observation:
    honest = {"input": 80, "output": tokens + thought + 10, "reasoning": thought}
    usage: dict[str, int | None] = {**honest, **told}
    usage.setdefault("total", (usage["input"] or 0) + (usage["output"] or 0))
    return answered("word " * tokens, tokens=tokens, thought=thought, usage=usage)


@pytest.mark.parametrize(
    ("percent", "result"), [(0, "pass"), (2, "pass"), (8, "warn"), (15, "warn"), (40, "fail")]
)
def test_a_few_percent_too_many_tokens_are_noticed(percent: int, result: str) -> None:
    reported = round((LONG + 16 + 10) * (1 + percent / 100))
    verdict = judged("usage", facts(), accounted(LONG, 16, output=reported), accounted(8, SHORT))
    assert verdict.result == result
    assert result == "pass" or f"{percent}% too many" in verdict.reason


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"input": 80, "output": 30, "reasoning": 60}, "60 reasoning tokens among 30 output"),
        ({"cached": 500}, "500 cached tokens among 80 input"),
        ({"input": 0, "output": 0, "reasoning": 0}, "0 input and 0 output"),
    ],
)
def test_usage_that_contradicts_itself_is_told_as_that(told: dict[str, int | None], word: str) -> None:
    verdict = judged("usage", facts(), accounted(LONG, 16, **told), accounted(8, SHORT))
    assert verdict.result == "warn"
    assert word in verdict.reason


def test_reasoning_counted_beside_the_output_is_a_convention_and_no_fault() -> None:
    one = accounted(LONG, 60, output=LONG + 10, reasoning=60, total=80 + LONG + 10 + 60)
    verdict = judged("usage", facts(), one, accounted(8, SHORT, output=18, total=80 + 18 + SHORT))
    assert verdict.result == "pass"
    assert "reasoning beside" in verdict.reason


def test_a_short_answer_of_another_tokenizer_is_no_miscount() -> None:
    told = {"input": 20, "output": 12, "total": 32}
    short = answered("There are 13 sheep now.", tokens=7, usage=told, exact=False)
    assert judged("usage", facts(), short, short).result == "pass"


@pytest.mark.parametrize(
    ("echoed", "result", "word"),
    [
        ("gpt-oss", "warn", "which size"),
        ("openai/gpt-oss-120b-Turbo", "warn", "variant"),
        ("gpt-oss-120b-fp8", "warn", "variant"),
        ("gpt-oss-120b-mxfp4-00001-of-00003.gguf", "pass", ""),
        ("accounts/a/models/gpt-oss-120b#accounts/b/deployments/xyz", "pass", ""),
        ("openai.gpt-oss-120b-1:0", "pass", ""),
        ("o", "fail", "answered by"),
        ("???", "fail", "answered by"),
    ],
)
def test_a_name_that_says_less_or_more_than_was_asked_for_is_noticed(
    echoed: str, result: str, word: str
) -> None:
    verdict = judged("identity", facts(), answered(model=echoed))
    assert verdict.result == result
    assert word in verdict.reason


def test_a_variant_that_was_asked_for_is_none() -> None:
    same = answered(model="openai/gpt-oss-120b-turbo")
    assert judged("identity", facts(), same, model_id="openai/gpt-oss-120b-Turbo").result == "pass"


@pytest.mark.parametrize(
    ("text", "result", "word"),
    [
        ('{"capital": "Paris"}', "pass", ""),
        ('\n {"capital": "Paris"}\n', "pass", ""),
        ('```json\n{"capital": "Paris"}\n```', "fail", "Markdown fence"),
        ('Here you are: {"capital": "Paris"}', "fail", "words stand around the JSON"),
        ("Paris", "fail", "no JSON: Expecting value"),
        ('{"capital": "Par', "fail", "no JSON: Unterminated"),
        (" ", "fail", "no JSON: the answer is empty"),
    ],
)
def test_what_stands_around_or_in_place_of_the_json_is_named(text: str, result: str, word: str) -> None:
    verdict = judged("json-object", facts(), answered(text))
    assert verdict.result == result
    assert word in verdict.reason


@pytest.mark.parametrize(
    ("told", "counted", "result"),
    [
        (32, 22, "pass"),
        (32, 32, "pass"),
        (31, 21, "pass"),
        (26, 16, "warn"),
        (34, 34, "fail"),
        (None, 22, "pass"),
    ],
)
def test_a_limit_is_kept_in_both_directions(told: int | None, counted: int, result: str) -> None:
    usage = None if told is None else {"input": 80, "output": told}
    seen = answered("word " * counted, tokens=counted, usage=usage, finish="length")
    assert judged("max-tokens", facts(), seen).result == result


def test_a_missing_finish_reason_is_told_by_the_check_of_endings_alone() -> None:
    usage = {"input": 80, "output": 32}
    cut = answered("word " * 32, tokens=32, usage=usage, finish=None)
    assert judged("max-tokens", facts(), cut).result == "pass"
    assert judged("answer", facts(), answered(finish=None)).result == "pass"
    assert judged("stop", facts(), answered("1 2 3 4 5 6 7 8 9 10 11 12 ", finish=None)).result == "pass"
    assert judged("ending", facts(), answered(finish=None)).result == "warn"


def test_a_stop_sequence_that_is_left_in_is_told_from_one_that_is_ignored() -> None:
    kept = judged("stop", facts(), answered("1 2 3 4 5 6 7 8 9 10 11 12 13"))
    ignored = judged("stop", facts(), answered("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"))
    assert (kept.result, ignored.result) == ("fail", "fail")
    assert "part of the answer" in kept.reason
    assert "ignored" in ignored.reason


@pytest.mark.parametrize(
    ("text", "result", "word"),
    [
        (HARD, "pass", ""),
        (HARD.replace("e\u0301", "\u00e9"), "warn", "NFC"),
        (HARD.replace("½", "¼"), "warn", "from character 19 on: '¼ “quoted”"),
        (HARD.replace("語", "\ufffd"), "fail", "U+FFFD"),
    ],
)
def test_characters_that_were_made_others_are_told(text: str, result: str, word: str) -> None:
    verdict = judged("unicode", facts(), answered(text))
    assert verdict.result == result
    assert word in verdict.reason


def thoughts(*blocks: tuple[int, int, int]) -> list[Observation]:
    return [
        answered(tokens=3, thought=tokens, usage={"input": 80, "output": tokens + 13, "reasoning": tokens})
        for block in blocks
        for tokens in block
    ]


RISING = ((30, 90, 300), (20, 80, 210), (45, 100, 280), (25, 120, 400))


@pytest.mark.parametrize(
    ("blocks", "result", "word"),
    [
        (RISING, "pass", "p < 0.001"),
        (
            tuple((low, high - 5, high) for low, _, high in RISING),
            "warn",
            "high effort is no more than medium",
        ),
        (tuple((low, low + 2, high) for low, _, high in RISING), "warn", "medium effort is no more than low"),
        (tuple((middle, middle, middle) for _, middle, _ in RISING), "warn", "effort ignored?"),
        (((0, 0, 0),) * 4, "n/a", "no reasoning"),
    ],
)
def test_each_step_of_effort_must_show(
    blocks: tuple[tuple[int, int, int], ...], result: str, word: str
) -> None:
    verdict = judged("effort", facts(), *thoughts(*blocks, *blocks))
    assert verdict.result == result
    assert word in verdict.reason


def test_a_doubt_about_effort_is_cleared_by_a_second_round() -> None:
    odd = ((50, 90, 80), (90, 60, 110), (80, 45, 90), (60, 90, 70))
    assert judged("effort", facts(), *thoughts(*odd, *odd)).result == "warn"
    verdict = judged("effort", facts(), *thoughts(*odd, *RISING))
    assert verdict.result == "pass"
    assert "medians of 8 tries" in verdict.reason


@pytest.mark.parametrize(
    "fields", [{"dialect": "anthropic-messages"}, {"quirks": Quirks(effort_form="thinking_budget")}]
)
def test_effort_is_not_judged_where_a_budget_is_sent_instead(fields: dict[str, object]) -> None:
    assert judged("effort", facts(), **fields).result == "n/a"


def test_what_a_dialect_has_no_place_for_is_not_applicable() -> None:
    unsent = answered(notes={"unsent_parameter": "stop is not sent: this wire format has no field for it"})
    assert judged("stop", facts(), unsent).result == "n/a"
    unsent = answered(notes={"unsent_parameter": "seed is not sent: this wire format has no field for it"})
    assert judged("seed", facts(), unsent, unsent, unsent).result == "n/a"


def test_a_host_that_refuses_tools_is_warned_of_once_the_model_has_them() -> None:
    without = answered(notes={"dropped_parameter": "the host does not take tools: sent without"})
    assert judged("tools", facts(), without).result == "warn"
    assert judged("tools", facts(), without, model="llama-3.1-8b", exact_tokenizer=False).result == "n/a"
    assert judged("parallel-tools", facts(), without).result == "n/a"


def test_a_field_that_has_nothing_to_do_with_the_check_may_be_refused() -> None:
    def seen(text: str, **fields: object) -> Observation:
        notes = {"dropped_parameter": "the host does not take stream_options, max_tokens: sent without"}
        return answered(text, notes=notes, **fields)  # type: ignore[arg-type]

    call = ("get_weather", '{"city": "Zürich"}')
    asked = seen("", calls=(call,), finish="tool_calls")
    assert judged("tools", facts(), asked, seen("It is 17.3 °C.")).result == "pass"
    assert judged("json-object", facts(), seen('{"capital": "Paris"}')).result == "pass"
    assert judged("stop", facts(), seen("1 2 3 4 5 6 7 8 9 10 11 12 ")).result == "pass"
    assert judged("bad-parameter", facts(), *[seen("OK")] * 3).result == "warn"
    assert judged("max-tokens", facts(), seen("word " * 32)).reason == "the host does not take max_tokens=32"


@pytest.mark.parametrize(
    ("row", "field", "result"),
    [
        ("effort", "reasoning_effort", "warn"),
        ("seed", "seed", "n/a"),
        ("json-schema", "response_format", "warn"),
    ],
)
def test_a_field_that_the_check_is_about_may_not(row: str, field: str, result: str) -> None:
    without = answered(notes={"dropped_parameter": f"the host does not take {field}: sent without"})
    verdict = judged(row, facts(), *[without] * 12)
    assert verdict.result == result
    assert "does not take" in verdict.reason


def test_arguments_that_are_no_text_are_told() -> None:
    call = ("get_weather", '{"city": "Zürich"}')
    good, odd = (
        answered("", calls=(call,), finish="tool_calls", traits=traits)
        for traits in ({}, {"arguments": "object"})
    )
    said = answered("It is 17.3 °C.")
    assert judged("tools", facts(), good, said).result == "pass"
    verdict = judged("tools", facts(), odd, said)
    assert (verdict.result, "JSON object" in verdict.reason) == ("warn", True)


def test_the_form_of_arguments_is_seen_on_the_wire() -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    body = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}
    traits = [
        item for item in ChatParser().document(json.dumps(body).encode()) if type(item).__name__ == "Trait"
    ]
    assert [(trait.name, trait.value) for trait in traits] == [("arguments", "object")]  # type: ignore[union-attr]


STANDARD = '{"error": {"message": "no such thing", "type": "invalid_request_error"}}'


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_its_own_nonsense(dialect: str) -> None:
    count = len(NONSENSE[dialect])
    good = judged("bad-parameter", facts(), *[refused(400)] * count, dialect=dialect)
    taken = judged("bad-parameter", facts(), answered(), *[refused(400)] * (count - 1), dialect=dialect)
    assert (good.result, taken.result) == ("pass", "warn")


@pytest.mark.parametrize(
    ("body", "result", "word"),
    [
        (STANDARD, "pass", "error.message"),
        ('{"detail": "no"}', "warn", "shape of its own"),
        ("<html><title>401</title></html>", "fail", "a web page"),
        ("Unauthorized", "fail", "plain text"),
        ('{"error": {"message": "' + "x" * 3000, "pass", ""),
    ],
)
def test_a_refusal_is_read_as_a_client_would(body: str, result: str, word: str) -> None:
    verdict = judged("error-shape", facts(), *[refused(400, body=body)] * 5)
    assert verdict.result == result
    assert word in verdict.reason


def test_ollamas_errors_have_a_form_of_their_own() -> None:
    own, other = refused(400, body='{"error": "no"}'), refused(400, body=STANDARD)
    assert judged("error-shape", facts(), *[own] * 4, dialect="ollama-chat").result == "pass"
    assert judged("error-shape", facts(), *[other] * 4, dialect="ollama-chat").result == "warn"
    assert judged("error-shape", facts(), *[own] * 5).result == "warn"


def test_a_refusal_under_http_200_is_told() -> None:
    sly = refused(404, "no such model", STANDARD, http=200)
    verdict = judged("error-shape", facts(), sly, *[refused(400, body=STANDARD)] * 4)
    assert (verdict.result, "HTTP 200" in verdict.reason) == ("warn", True)


def test_a_429_must_say_when_to_come_back() -> None:
    rest = [refused(400, body=STANDARD)] * 4
    silent, told = (refused(429, body=STANDARD, retry_after=wait) for wait in (None, 2.0))
    assert "Retry-After" in judged("error-shape", facts(), silent, *rest).reason
    assert judged("error-shape", facts(), told, *rest).result == "pass"


def test_a_needles_number_may_be_written_with_a_separator_and_what_is_missed_is_placed() -> None:
    every = " ".join(f"{town}: {number:,}" for town, number, _ in NEEDLES)
    only_last = f"{NEEDLES[-1][0]}: {NEEDLES[-1][1]}"
    fields = {"context": 12_000}
    assert judged("needle", facts(), *[answered(every)] * 3, **fields).result == "pass"
    verdict = judged("needle", facts(), answered(every), answered(every), answered(only_last), **fields)
    assert verdict.result == "warn"
    assert verdict.reason.endswith("were not found: at 1% of 9,952 tokens, at 50% of 9,952 tokens")


def test_a_prompt_that_is_too_long_and_answered_must_have_been_read() -> None:
    every = " ".join(f"{town}: {number}" for town, number, _ in NEEDLES)
    told = {"input": 14_500, "output": 30}
    fields = {"context": 12_000}
    assert judged("too-long", facts(), answered(every, usage=told), **fields).result == "pass"
    verdict = judged("too-long", facts(), answered(f"Cinderford: {NEEDLES[-1][1]}", usage=told), **fields)
    assert (verdict.result, "at 1% and 50% of it was not read" in verdict.reason) == ("warn", True)
    silent = judged("too-long", facts(), answered(every, usage={**told, "input": 8_000}), **fields)
    assert (silent.result, "cut in silence" in silent.reason) == ("fail", True)


def test_a_tool_that_was_not_sent_counts_nothing() -> None:
    """The prompt's tokens are judged by what went out."""

    def counted(told: int, ours: int, **fields: object) -> Observation:
        seen = answered(usage={"input": told, "output": 5}, **fields)  # type: ignore[arg-type]
        seen.lane.info = seen.lane.info.__class__(
            **{  # type: ignore[misc]
                name: ours if name == "input_tokens" else getattr(seen.lane.info, name)
                for name in seen.lane.info.__struct_fields__
            }
        )
        return seen

    dropped = {"dropped_parameter": "the host does not take tools: sent without"}
    usual = [counted(70, 70), counted(382, 382), counted(90, 90)]
    assert judged("prompt-tokens", facts(), *usual, counted(70, 133, notes=dropped)).result == "pass"
    assert judged("prompt-tokens", facts(), *usual, counted(70, 133)).result == "warn"


def test_two_valid_calls_beside_a_dropped_switch_are_parallel() -> None:
    both = called(("get_weather", '{"city": "Zürich"}'), ("get_weather", '{"city": "Lisbon"}'))
    assert judged("parallel-tools", facts(), both).result == "pass"


COUNTED = [str(number) for number in range(1, 151)]


@pytest.mark.parametrize(
    ("streamed", "result", "word"),
    [
        (COUNTED, "pass", "the same text"),
        ([*COUNTED[:150], "Done."], "pass", "nothing is missing"),
        (COUNTED[1:], "fail", "lacks 1 of"),
        ([*COUNTED[:70], *COUNTED[69:]], "fail", "repeats 1 of"),
        ([*COUNTED[:70], COUNTED[71], COUNTED[70], *COUNTED[72:]], "fail", "another order"),
    ],
)
def test_a_stream_that_lost_doubled_or_mixed_up_its_pieces_is_told(
    streamed: list[str], result: str, word: str
) -> None:
    verdict = judged("same-text", facts(), answered(" ".join(COUNTED)), answered(" ".join(streamed)))
    assert verdict.result == result
    assert word in verdict.reason
