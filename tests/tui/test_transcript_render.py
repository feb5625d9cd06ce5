"""Rows of rendered Markdown: what stands in them, that they fit, and that pieces give what the whole
gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from osstui.tui.markdown.code import highlight
from osstui.tui.markdown.document import Document
from osstui.tui.markdown.inline import BOLD, CODE, ITALIC, MATH, STRIKE, spans
from osstui.tui.markdown.render import ROLES, Palette, Row
from osstui.tui.markdown.source import Source
from osstui.tui.markdown.wrap import wrap

PALETTE = Palette(Style(color="white"), {role: Style(color=f"color({n})") for n, role in enumerate(ROLES)})

SAMPLE = """# Title of *things*

A paragraph with **bold**, `code` and [a link](https://example.com/x), 日本語の文章
and emoji 👩‍👩‍👧‍👦 ❤️ e\u0301.

1. first
2. second
   ```python
   def f(x):
       return x + 1  # yes
   ```
   - [x] done
   - [ ] not done

> quoted
> - list in a quote with some more words in it

| Name | Value | Note |
|:-----|------:|:----:|
| `b` | 22 | **yes** a longer note that has to wrap around |
| c \\| d | 333 |

---
"""


def rows(text: str, width: int, how: str = "markdown") -> list[Row]:
    source, document = Source(how), Document()  # type: ignore[arg-type]
    document.restyle(width, PALETTE)
    source.push(text)
    while source.step():
        pass
    source.close()
    for unit in source.out:
        document.append(unit)
    return list(document.rows())


def shown(text: str, width: int = 60) -> str:
    return "\n".join(row.text.rstrip() for row in rows(text, width))


@pytest.mark.parametrize("width", [20, 30, 60, 120])
def test_no_row_is_wider_than_asked(width: int) -> None:
    for row in rows(SAMPLE + "x" * 300 + "\n\n```\n" + "日本" * 100 + "\n```\n", width):
        assert cell_len(row.text) <= width


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab -*`>#|[]()1.\n日👩\u200d👦é\u0301", max_size=200), st.integers(16, 50))
def test_no_text_makes_a_row_too_wide_or_is_lost(text: str, width: int) -> None:
    out = rows(text, width)
    assert all(cell_len(row.text) <= width for row in out)
    drawn = "".join(row.text for row in out)
    for letter in "ab日👦":
        info = text.count("```")  # an info string is shown as its first word only
        assert drawn.count(letter) == text.count(letter) or info or ("](" in text) or "|" in text


words = st.sampled_from(
    ["word", "**bold**", "`code`", "日本語", "\n", "\n\n", "- item\n", "> q\n", "```python\n", "x = '''\n",
     "```\n", "| a | b |\n|---|---|\n", "| 1 | *2* |\n", "# h\n", "    indented\n", "a long run of words ",
     "/* c ", "*/ ", "\t"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(words, max_size=60).map(" ".join), st.integers(20, 70), st.integers(1, 40), st.data())
def test_pieces_and_interrupted_redrawing_give_the_rows_of_the_whole(
    text: str, width: int, many: int, data: st.DataObject
) -> None:
    text = text.replace("a long run of words", "a long run of words " * many)
    expected = rows(text, width)
    source, document = Source(), Document()
    document.restyle(33, PALETTE)
    switched = False
    while text:
        n = data.draw(st.integers(1, len(text)))
        source.push(text[:n])
        text = text[n:]
        while source.step():
            pass
        for unit in source.out:
            document.append(unit)
        source.out.clear()
        document.tail(source.preview())
        if not switched and data.draw(st.booleans()):
            switched = True
            document.restyle(width, PALETTE)
        document.refresh(data.draw(st.integers(0, 30)), 30, lambda: False)
    source.close()
    for unit in source.out:
        document.append(unit)
    if not switched:
        document.restyle(width, PALETTE)
    while document.stale:
        document.refresh(0, 10, lambda: False)
    assert list(document.rows()) == expected
    assert document.height == len(expected)
    assert [document.row(y) for y in range(document.height)] == expected


def test_a_document_reads_as_it_should() -> None:
    assert shown(SAMPLE, 60).split("\n")[:12] == [
        "Title of things",
        "",
        "A paragraph with bold, code and a link",
        "(https://example.com/x), 日本語の文章 and emoji 👩‍👩‍👧‍👦 ❤️ e\u0301.",
        "",
        "1. first",
        "2. second",
        "    python",
        "    def f(x):",
        "        return x + 1  # yes",
        "   ☑ done",
        "   ☐ not done",
    ]


def test_a_table_fits_its_width_and_becomes_records_where_columns_do_not_fit() -> None:
    table = "| Name | Count | Text |\n|:--|--:|:-:|\n| a | 1 | x |\n| bb | 22 | some longer text |\n"
    assert shown(table, 40).split("\n") == [
        "Name │ Count │       Text",
        "─────┼───────┼─────────────────",
        "a    │     1 │        x",
        "bb   │    22 │ some longer text",
    ]
    narrow = shown(table.replace("Name", "A long name").replace("Count", "A long count"), 20)
    assert "A long name: bb" in narrow
    assert "Text: some longer" in narrow


def test_a_table_cuts_no_word_while_a_longer_cell_can_give_way() -> None:
    table = "| Criterion | A | B | C |\n|--|--|--|--|\n| Throughput | 3 185 tok/s | 486 tok/s | 45 tok/s |\n"
    assert shown(table, 44).split("\n")[2:] == [
        "Throughput │ 3 185     │ 486      │ 45 tok/s",
        "           │ tok/s     │ tok/s    │",
    ]


def test_a_br_breaks_the_line_in_a_paragraph_and_in_a_cell_and_other_html_stays() -> None:
    assert shown("one<br>two<br/>three <BR /> four <b>five</b> `<br>`", 40).split("\n") == [
        "one",
        "two",
        "three",
        "four <b>five</b> <br>",
    ]
    table = "| Name | Uses |\n|--|--|\n| a | first<br>second use<br> |\n| b | one |\n"
    assert shown(table, 40).split("\n") == [
        "Name │ Uses",
        "─────┼───────────",
        "a    │ first",
        "     │ second use",
        "b    │ one",
    ]


def test_inline_marks_become_flags_and_the_rest_stays_literal() -> None:
    assert spans("**b** *i* `c` ~~s~~") == (
        ("b", BOLD), (" ", 0), ("i", ITALIC), (" ", 0), ("c", CODE), (" ", 0), ("s", STRIKE),
    )  # fmt: skip
    assert "".join(t for t, _ in spans("[/x] a[i] <b>no</b> &lt;")) == "[/x] a[i] <b>no</b> <"
    assert spans(r"see \(a_1*b*c\) now")[1] == (r"\(a_1*b*c\)", MATH)
    assert spans("costs $5 and $6") == (("costs $5 and $6", 0),)
    assert ("$x_1$", MATH) in spans("so $x_1$ holds")


def test_a_link_shows_where_it_leads_and_is_no_terminal_hyperlink() -> None:
    out = rows("[ok](javascript:x) [text](https://evil.example/\x1b]8;;) <https://a.b>", 80)
    assert "text (https://evil.example/" in out[0].text
    assert "\x1b" not in "".join(row.text for row in out)
    assert all(segment.style is None or segment.style.link is None for row in out for segment in row.segments)


def test_an_entity_cannot_bring_a_control_or_bidi_character_back() -> None:
    text = "".join(row.text for row in rows("a &#x1b;[2J &#x202E; &#155; [x](&#x202e;)", 60))
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in text)


def test_colours_go_on_over_the_pieces_of_a_code_block() -> None:
    code = "x = '''\n" + "inside\n" * 40 + "'''\ny = 1"
    lines, state = code.split("\n"), None
    got = []
    for at in range(0, len(lines), 16):
        piece, state = highlight("\n".join(lines[at : at + 16]), "python", state)
        got += piece
    assert got == highlight(code, "python", None)[0]
    assert got[20] == [("inside", "token-string")]
    assert [part for part in got[-1] if part[0] == "1"] == [("1", "token-number")]


@pytest.mark.parametrize(
    "label", ["python", "js", "c", "json", "bash", "html", "diff", "yaml", "no-such-language", ""]
)
def test_highlighting_never_changes_the_code(label: str) -> None:
    code = 'a {"b": [1, /* x\n*/ "c"]} <d e="f">\n\n- g: $h # i\n@@ -1 +1 @@\n\tj\\'
    lines, _ = highlight(code, label, None)
    assert "\n".join("".join(text for text, _ in line) for line in lines) == code


def test_wrapping_in_pieces_gives_the_lines_of_the_whole() -> None:
    text = "some words 日本語の文章です and averyveryverylongwordthatdoesnotfit 👩‍👩‍👧‍👦👩‍👩‍👧‍👦 end " * 3
    whole = wrap([(text, 0)], 17)
    for at in range(1, len(text) - 1):
        first = wrap([(text[:at], 0)], 17)
        carry = first.pop()
        joined = first + wrap([*carry, (text[at:], 0)], 17)
        assert ["".join(t for t, _ in line).rstrip() for line in joined if line] == [
            "".join(t for t, _ in line).rstrip() for line in whole if line
        ] or "\u200d" in text[at - 1 : at + 1]
