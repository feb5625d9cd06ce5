"""The table of hosts: keys, prices with their age, sorting, filtering, fitting."""

from datetime import date
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.catalog import Catalog, ranking
from osstui.catalog.presets import Own
from osstui.catalog.rows import Here, Row, age, freshness, lane_row, matching, routes_below_their_hosts, rows
from osstui.catalog.table import COLUMNS, ordered, render
from osstui.safe_text import cells

TODAY = date(2026, 11, 21)
SIX_OF_TODAY = {"throughput": "output_tps", "latency": "ttft_s"}
OF_THE_PAGES = {"blended": "blended", "input": "input", "output": "output"}


class Key(NamedTuple):
    present: bool
    required: bool = True
    source: str | None = None
    missing: tuple[str, ...] = ()


def table(catalog: Catalog, **more) -> list[Row]:
    here = {name: more.pop(name) for name in ("keys", "servers", "measured") if name in more}
    return rows(catalog, Here(more.pop("today", TODAY), **here), **more)


def by_id(found: list[Row]) -> dict[str, Row]:
    return {row.provider: row for row in found}


@pytest.mark.parametrize(("column", "figure"), [*SIX_OF_TODAY.items(), *OF_THE_PAGES.items()])
def test_sorted_by_what_is_published_the_table_begins_like_the_ranking(
    shipped: Catalog, column: str, figure: str
) -> None:
    found = ordered(table(shipped, as_published=True), column)
    ranked = [name for name, _ in ranking(shipped, figure)]
    assert len(ranked) >= 5
    assert [row.provider for row in found][: len(ranked)] == ranked


def test_without_published_prices_the_ones_that_count_today_are_shown_and_sorted(shipped: Catalog) -> None:
    found = ordered(table(shipped), "input")
    assert found[0].provider == "wandb"
    prices = [row.input for row in found if row.input is not None]
    assert prices == sorted(prices)


@pytest.mark.parametrize("column", [column.key for column in COLUMNS])
def test_every_column_sorts_both_ways_with_the_unknown_last(shipped: Catalog, column: str) -> None:
    value = next(c.value for c in COLUMNS if c.key == column)
    found = table(shipped)
    forward, backward = ordered(found, column), ordered(found, column, reverse=True)
    assert sorted(map(id, forward)) == sorted(map(id, backward)) == sorted(map(id, found))
    for sorted_rows in (forward, backward):
        missing = [value(row) is None for row in sorted_rows]
        assert missing == sorted(missing)
    known = [value(row) for row in forward if value(row) is not None]
    assert [value(row) for row in backward if value(row) is not None] == known[::-1]


def test_the_key_column_says_what_is_there_and_what_to_set(shipped: Catalog) -> None:
    keys = {
        "groq": Key(True, source="GROQ_API_KEY"),
        "deepinfra": Key(True, source="DEEPINFRA_TOKEN"),
        "cerebras": Key(False),
        "google-vertex": Key(True, source="command"),
    }
    found = by_id(table(shipped, keys=keys, servers={"ollama": True, "vllm": False}))
    assert (found["groq"].key, found["groq"].usable) == ("✓ GROQ_API_KEY", True)
    assert found["deepinfra"].key == "✓ DEEPINFRA_TOKEN"
    assert (found["cerebras"].key, found["cerebras"].usable) == ("needs CEREBRAS_API_KEY", False)
    assert found["google-vertex"].key == "✓ gcloud"
    assert (found["ollama"].key, found["ollama"].usable) == ("running", True)
    assert (found["vllm"].key, found["vllm"].usable) == ("not running", False)
    assert by_id(table(shipped, keys={"google-vertex": Key(False)}))["google-vertex"].key == "needs gcloud"
    project = Key(False, missing=("GOOGLE_VERTEX_PROJECT",))
    told = by_id(table(shipped, keys={"google-vertex": project}))["google-vertex"].key
    assert told == "needs GOOGLE_VERTEX_PROJECT"


def test_a_price_is_stale_on_its_91st_day_and_never_without_a_date() -> None:
    assert freshness(date(2026, 8, 23), TODAY) == "fresh"
    assert freshness(date(2026, 8, 22), TODAY) == "stale"
    assert freshness(None, TODAY) == "undated"
    assert [age(date(2026, 11, day), TODAY) for day in (21, 20, 1)] == ["today", "1 day old", "20 days old"]
    assert age(None, TODAY) == "date unknown"


def test_stale_and_undated_prices_are_marked_in_the_table(shipped: Catalog) -> None:
    lines = {line.split()[0]: line for line in render(table(shipped), None)}
    assert " !0.05 " in lines["crusoe"]
    assert " ?0.05 " in lines["compactifai"]
    assert " 0.15 " in lines["groq"]
    later = table(shipped, today=date(2027, 6, 1))
    assert all(row.freshness in ("stale", "undated") for row in later if row.input is not None)


def test_a_filter_finds_words_anywhere_in_any_case(shipped: Catalog) -> None:
    found = table(shipped)
    assert [row.provider for row in matching(found, "GROQ")] == ["groq"]
    assert {row.provider for row in matching(found, "bedrock responses")} == {"bedrock-mantle-responses"}
    assert {row.status for row in matching(found, "unverified")} == {"unverified"}
    assert matching(found, "") == found
    assert matching(found, "nobody at all") == []


@given(width=st.integers(1, 260), take=st.integers(0, 48))
def test_no_line_is_wider_than_the_terminal_and_the_host_is_always_named(width: int, take: int) -> None:
    lines = render(ALL[:take], width)
    assert len(lines) == take + 1
    assert all(cells(line) <= width for line in lines)
    if width >= 24:
        named = [line.split()[0].removesuffix("~") for line in lines[1:]]
        assert named == [row.provider for row in ALL[:take]]


def test_what_matters_most_stays_longest() -> None:
    def titles(width: int | None) -> str:
        return render(ALL, width)[0]

    assert all(column.title in titles(None) for column in COLUMNS if not column.rare)
    assert "$ 3:1" in titles(80)
    assert "tok/s" in titles(80)
    assert "dialect" not in titles(80)
    assert titles(30).split()[0] == "provider"


def test_the_points_of_prices_stand_below_each_other(shipped: Catalog) -> None:
    head, *lines = render(table(shipped, as_published=True), 60)
    prices = [line[: head.index("$ 3:1") + 5] for line in lines]
    known = [price for price in prices if not price.endswith("–")]
    assert len(known) > 5
    assert len({price.rindex(".") for price in known}) == 1
    assert {len(price.rstrip()) - price.rindex(".") for price in known} == {3, 4, 5}  # two to four decimals


def test_room_that_a_wide_column_leaves_is_given_to_others_that_fit() -> None:
    assert render(ALL, 76)[0].split()[1:] == ["$", "in", "$", "out", "$", "3:1", "TTFT", "tok/s", "status"]


def test_a_host_in_doubt_is_marked_where_the_status_has_no_room() -> None:
    for width in (50, 60, 80, 120, 200, None):
        head, *lines = render(ALL, width)
        told = "" if "status" in head else "~"
        assert {"groq", f"chutes{told}", f"keeprouter{told}"} <= {line.split()[0] for line in lines}
    assert "status" not in render(ALL, 60)[0]


def test_a_server_of_ones_own_is_local_and_not_live(shipped: Catalog) -> None:
    found = by_id(table(shipped))
    assert {found[name].status for name in ("ollama", "llamacpp", "llamacpp-messages")} == {"local"}
    assert "ollama" in {line.split()[0] for line in render(ALL, 60)}


def test_what_the_user_measured_stands_beside_what_is_published_with_the_ratio(shipped: Catalog) -> None:
    own = {("groq", "gpt-oss-120b"): Own(ttft_s=0.33, output_tps=243.0, runs=4), ("mara", "x"): Own(1.0)}
    found = table(shipped, measured=own)
    head, *lines = render(ordered(found, "own_latency"), None)
    assert "own TTFT" in head
    assert "own tok/s" in head
    assert lines[0].startswith("groq ")
    assert "0.33 s ×1.50" in lines[0]
    assert "243 ×0.50" in lines[0]
    assert "own TTFT" not in render(table(shipped), None)[0]
    assert lane_row(shipped, "groq", Here(TODAY, measured=own)).own == own["groq", "gpt-oss-120b"]


def test_wide_characters_and_escapes_in_a_name_break_no_line(only) -> None:
    catalog = only(
        "providers:\n  x: {name: '快速\\u001b[31m主机', base_url: 'https://x.example/v1', "
        "models: {gpt-oss-120b: {id: m}}}\n".replace("'快速", '"快速').replace("主机'", '主机"')
    )
    assert catalog.problems == ()
    lines = render(table(catalog), None)
    assert "\x1b" not in "".join(lines)
    assert cells("快速") == 4
    place = [
        cells(line[: line.index(word)]) for line, word in zip(lines, ("dialect", "openai-chat"), strict=True)
    ]
    assert place[0] == place[1]


def _all() -> list[Row]:
    from pathlib import Path

    from osstui.catalog import load_catalog

    return table(load_catalog(user=Path(__file__).parent / "absent" / "providers.yaml", environ={}))


ALL = _all()


def test_routes_stand_below_their_hosts_in_any_order(shipped: Catalog) -> None:
    found = ordered(table(shipped), "name", reverse=True)
    grouped = routes_below_their_hosts(found)
    assert sorted(map(id, grouped)) == sorted(map(id, found))
    names = [row.provider for row in grouped]
    assert names.index("deepinfra-messages") == names.index("deepinfra") + 1
    alone = [row for row in found if row.provider == "deepinfra-messages"]
    assert routes_below_their_hosts(alone) == alone


def test_any_lane_has_a_row_a_raw_model_id_one_without_a_price(shipped: Catalog) -> None:
    raw = lane_row(shipped, "groq:some/raw-model", Here(TODAY))
    assert (raw.provider, raw.model_id, raw.blended, raw.freshness) == ("groq", "some/raw-model", None, None)
    assert lane_row(shipped, "groq", Here(TODAY)) == by_id(table(shipped))["groq"]
