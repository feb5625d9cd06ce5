"""Every format gives an answer back as it came, and none of them acts on it."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from osstui.events import Started, ToolCall, decode
from osstui.job import CallSent, Message
from osstui.measure.document import document
from osstui.measure.metrics import METRICS
from osstui.store.export import FORMATS, ExportError, Past, export, past, past_conversation
from osstui.store.export.markdown import whole
from osstui.store.history import History
from osstui.store.importing import import_file
from osstui.store.statements import Place
from osstui.store.votes import cast
from tests.store.made import NASTY, fail, folded, whole_run, write

HOSTILE = [
    NASTY,
    "<script>alert(1)</script><img src=http://evil.test/x onerror=alert(1)>",
    "![x](http://evil.test/x.png) [y](javascript:alert(1)) <http://evil.test>",
    "```python\nnever closed",
    "<!-- never closed",
    "---\nname: x\n---\n</pre></style></details></html>",
    "=1+1,\"x\"\r\nline\rreturn\n\n\n",
    "\x00\x1b[2J\x9b31m\u2028\u202e",
]  # fmt: skip


@pytest.fixture(params=HOSTILE)
def answer(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def run(path: Path, history: History, answer: str) -> Past:
    write(path, whole_run(prompt=answer, answer=answer))
    return past(history, "run1")


class Page(HTMLParser):
    """What stands in a page: tags, their attributes, the text of the embedded document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.document = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes
        self._inside = ("id", "osstui-document") in attributes

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.document += data


def test_json_is_the_document(run: Past, answer: str) -> None:
    plain = json.loads(export(run, "json"))
    assert plain == document(folded(whole_run(prompt=answer, answer=answer)))
    assert plain["lanes"][0]["text"] == answer


def test_jsonl_is_the_events(run: Past, answer: str) -> None:
    lines = export(run, "jsonl").splitlines()
    assert [decode(line) for line in lines] == whole_run(prompt=answer, answer=answer)


def test_markdown_holds_every_text_as_it_is(run: Past, answer: str) -> None:
    page = export(run, "md").decode()
    assert f"\n### Answer\n\n{answer}" in page
    assert f"\n## Prompt\n\n{answer}" in page


def test_the_front_matter_holds_every_number(run: Past, answer: str) -> None:
    _, front, _ = re.split(r"^---$\n", export(run, "md").decode(), maxsplit=2, flags=re.MULTILINE)
    told = yaml.safe_load(front)
    assert told["prompt"] == answer
    for lane, original in zip(told["lanes"], run.lanes, strict=True):
        rest = {key: value for key, value in original.items() if key in lane}
        assert lane == rest
        assert lane["tokens"] == original["tokens"]
        assert original.keys() - lane.keys() == {"text", "reasoning", "tool_text"}


def test_markdown_keeps_its_headings_whatever_an_answer_leaves_open(run: Past) -> None:
    page = export(run, "md").decode().split("\n## Prompt", 1)[1]
    blocks = MarkdownIt("commonmark").parse("## Prompt" + page)
    headings = [after.content for block, after in pairwise(blocks) if block.type == "heading_open"]
    assert [text for text in headings if text.startswith(("groq ·", "together ·"))] == [
        "groq · gpt-oss-120b",
        "together · gpt-oss-120b · failed",
    ]


@given(st.text(alphabet="`~<!->[]?/scriptpre \n#*a1.\t", max_size=30))
@example("```")
@example("<pre>")
@example("- a\n\n  ```\n  x")
@example("> <!--")
@settings(max_examples=150, deadline=None)
def test_whatever_markdown_ends_a_heading_can_follow(text: str) -> None:
    closed = whole(text)
    assert closed.startswith(text)
    *_, opened, inline, _ = MarkdownIt("commonmark").parse(closed + "\n\n## next\n")
    assert (opened.type, opened.level, inline.content) == ("heading_open", 0, "next")


def test_the_page_holds_the_document_to_the_byte(run: Past, answer: str) -> None:
    embedded = json.loads(Page(export(run, "html").decode()).document)
    assert embedded == run.document
    assert embedded["lanes"][0]["text"] == answer


def test_the_page_runs_nothing_and_loads_nothing(run: Past) -> None:
    html = export(run, "html").decode()
    page = Page(html)
    assert not {"script", "img", "iframe", "link", "object", "embed", "svg", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset")]
    links = [value or "" for name, value in page.attributes if name == "href"]
    assert all(link.startswith(("http://evil.test", "https://")) for link in links)
    assert page.tags.count("section") == 2
    assert page.tags.count("html") == 1
    assert "url(" not in html.split("</style>")[0]
    assert "@import" not in html.split("</style>")[0]


def test_no_page_holds_a_control_character(run: Past) -> None:
    html = export(run, "html").decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", html)


def test_csv_has_every_number_to_the_last_digit(path: Path, history: History) -> None:
    write(path, whole_run())
    rows = list(csv.DictReader(StringIO(export(past(history, "run1"), "csv").decode())))
    lanes = folded(whole_run()).lanes
    assert [row["lane"] for row in rows] == list(lanes)
    for row, lane in zip(rows, lanes.values(), strict=True):
        cells = [float(cell) if cell else None for cell in list(row.values())[-len(METRICS) :]]
        assert cells == [metric.value(lane) for metric in METRICS]
    assert {"ttft_ms", "speed_tps", "cost_usd", "tokens"} <= rows[0].keys()


def test_no_text_of_a_model_gets_into_a_spreadsheet(path: Path, history: History) -> None:
    write(path, whole_run(answer='=HYPERLINK("http://evil.test")', prompt="@SUM(1)"))
    written = export(past(history, "run1"), "csv").decode()
    assert "HYPERLINK" not in written
    assert "SUM" not in written


@pytest.mark.parametrize("format", FORMATS)
def test_a_cut_run_can_be_exported(path: Path, history: History, format: str) -> None:
    write(path, whole_run()[:-1])
    assert b"cut" in export(past(history, "run1"), format) or format == "jsonl"


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_without_events_is_exported_as_far_as_it_goes(
    tmp_path: Path, history: History, format: str
) -> None:
    source = tmp_path / "run.json"
    source.write_text(json.dumps(document(folded(whole_run()))))
    import_file(history, source, fail)
    run = past(history, "run1")
    if format in ("jsonl", "csv"):
        with pytest.raises(ExportError, match=r"imported as a document; export it as json$"):
            export(run, format)
    else:
        assert "héllo 世界" in export(run, format).decode()


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_comes_out_of_every_export_unchanged(answer: str) -> None:
    state = folded(whole_run(answer=answer, lanes=["groq"]))
    run = Past(document(state), state)
    assert json.loads(export(run, "json"))["lanes"][0]["text"] == answer
    assert answer in export(run, "md").decode()
    assert json.loads(Page(export(run, "html").decode()).document)["lanes"][0]["text"] == answer


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_tool_s_result_is_exported_as_text_and_nothing_else(hostile: str) -> None:
    start, *rest = whole_run(answer="fine", prompt="why?")
    assert isinstance(start, Started)
    call = CallSent("c1", "get_weather", hostile)
    exchange = (Message("assistant", "", calls=(call,)), Message("tool", hostile, answers=call))
    tool_call = ToolCall("run1", "groq", rest[-1].t, 0, "c2", hostile, hostile)
    first, *others = start.lanes
    begun = replace(start, lanes=(replace(first, exchange=exchange), *others))
    state = folded([begun, *rest[:8], tool_call, *rest[8:]])
    known = Past(document(state), state, None)
    markdown = export(known, "md").decode()
    assert f"\n{hostile}\n" in markdown
    blocks = MarkdownIt().parse(markdown.partition("\n---\n")[2])
    headings = [inline.content for opened, inline in pairwise(blocks) if opened.type == "heading_open"]
    assert headings == [
        "Prompt", "groq · gpt-oss-120b", "Result of a tool", "Reasoning", "Answer", "Tool calls",
        "together · gpt-oss-120b · failed", "Answer",
    ]  # fmt: skip
    page = Page(export(known, "html").decode())
    assert not {"script", "img", "a"} & {*page.tags}
    assert json.loads(page.document)["lanes"][0]["tool_results"][0]["result"] == hostile


@pytest.fixture
def talk(path: Path, history: History, answer: str) -> History:
    """Two turns, the first one asked again and voted on."""
    place = Place("talk")
    write(path, whole_run("one", answer, answer), place)
    write(path, whole_run("two", "second", "plain"), place)
    write(path, whole_run("again", answer, "other"), Place("talk", 0))
    history.add(cast(["one", "again"], "groq", blind=True, when=5.5))
    history.rename("one", answer)
    history.tag("one", "kept")
    return history


ORDER = [(1, "one"), (1, "again"), (2, "two")]


@pytest.mark.parametrize("format", FORMATS)
def test_a_conversation_comes_into_one_file_with_every_answer_as_it_is(
    talk: History, answer: str, format: str
) -> None:
    content = export(past_conversation(talk, "two"), format)
    documents = [past(talk, run).document for _, run in ORDER]
    if format == "jsonl":
        assert content == b"".join(export(past(talk, run), format) for _, run in ORDER)
    elif format == "csv":
        rows = list(csv.DictReader(StringIO(content.decode())))
        assert [(row["run_id"], row["vote"]) for row in rows] == [
            ("one", ""), ("one", ""), ("again", "won"), ("again", "lost"), ("two", ""), ("two", "")
        ]  # fmt: skip
    elif format == "md":
        _, front, body = re.split(r"^---$\n", content.decode(), maxsplit=2, flags=re.MULTILINE)
        told = yaml.safe_load(front)
        assert (told["title"], told["tags"]) == (answer, ["kept"])
        assert [(run["turn"], run["run_id"]) for run in told["runs"]] == ORDER
        blocks = MarkdownIt("commonmark").parse(body)
        headings = [after.content for block, after in pairwise(blocks) if block.type == "heading_open"]
        turns = [heading for heading in headings if heading.startswith("Turn ")]
        assert turns == ["Turn 1", "Turn 1, asked again", "Turn 2"]
        assert f"\n### Answer\n\n{answer}" in body
        assert "Your vote: groq, blind" in body
    else:
        page = Page(content.decode())
        data = json.loads(content if format == "json" else page.document)
        assert [run.pop("turn") for run in data["runs"]] == [1, 1, 2]
        assert data["runs"] == documents
        if format == "html":
            assert page.tags.count("section") == 6
            assert not {"script", "img", "iframe", "link", "object"} & set(page.tags)


def test_a_conversation_comes_back_from_its_json_as_it_went_out(
    talk: History, tmp_path: Path, answer: str
) -> None:
    file = tmp_path / "talk.json"
    file.write_bytes(export(past_conversation(talk, "talk"), "json"))
    with History(tmp_path / "other.db") as other:
        assert import_file(other, file, fail).new == ("one", "again", "two")
        again = json.loads(export(past_conversation(other, "talk"), "json"))
        assert again == json.loads(file.read_bytes())
        other.rename("talk", "mine")
        assert import_file(other, file, fail).known == ("one", "again", "two")
        assert other.conversation("talk").row.title == "mine"
        other.delete("two")
        assert import_file(other, file, fail).new == ("two",)
        assert other.conversation("talk").row.title == "mine"


def test_a_name_from_elsewhere_is_no_formula_in_a_spreadsheet(path: Path, history: History) -> None:
    write(path, whole_run("=1+1", lanes=["@SUM(1)", "-2"], at="+3"))
    rows = list(csv.reader(StringIO(export(past(history, "=1+1"), "csv").decode())))
    assert {cell[0] for row in rows[1:] for cell in row[:3]} == {"'"}
