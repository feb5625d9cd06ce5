"""From public price lists to the file of fetched prices."""

import json
import stat
import sys
from datetime import date
from math import inf
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from osstui.catalog import Catalog, load_catalog
from osstui.catalog.load import load_fetched
from osstui.catalog.price_lists import PriceListError, read_models_dev, read_openrouter
from osstui.catalog.update import Change, Plan, UpdateError, merged, plan, write

ANSWERS = Path(__file__).parent / "answers"
OPENROUTER = (ANSWERS / "openrouter-endpoints.json").read_bytes()
MODELS_DEV = (ANSWERS / "models-dev.json").read_bytes()
MODEL = "gpt-oss-120b"
TODAY = date(2026, 12, 1)
SHIPPED = load_catalog(user=Path(__file__).parent / "absent" / "providers.yaml", environ={})


def planned(catalog: Catalog, *, only: str | None = None) -> Plan:
    lists = {"openrouter": read_openrouter(OPENROUTER), "models.dev": read_models_dev(MODELS_DEV, MODEL)}
    return plan(catalog, MODEL, [found for name, found in lists.items() if only in (None, name)], TODAY)


def changes(found: Plan, provider: str) -> dict[str, tuple[object, object]]:
    return {c.field: (c.old, c.new) for c in found.changes if (c.provider, c.model) == (provider, MODEL)}


def updated(found: Plan, folder: Path, users: str | None = None) -> Catalog:
    """What is loaded once the plan is written beside a user's file."""
    user = folder / "providers.yaml"
    if users is not None:
        user.write_text(users, encoding="utf-8")
    write(folder / "prices.yaml", found.entries)
    return load_catalog(user=user, environ={})


def test_a_string_per_token_becomes_dollars_per_million() -> None:
    deepinfra = next(entry for entry in read_openrouter(OPENROUTER) if entry.variant == "bf16")
    assert (deepinfra.input, deepinfra.output, deepinfra.cached_input) == (0.035, 0.16, None)
    assert (deepinfra.context, deepinfra.max_output) == (131072, 131072)
    assert deepinfra.names == ("DeepInfra", "deepinfra")


def test_what_is_out_of_service_free_or_variable_is_no_price() -> None:
    names = {entry.names[0] for entry in read_openrouter(OPENROUTER)}
    assert not names & {"Nebius", "Hyperbolic", "Phala"}
    assert not {entry.names[0] for entry in read_models_dev(MODELS_DEV, MODEL)} & {"Free", "odd"}


def test_every_figure_that_differs_is_a_change_with_its_source(shipped: Catalog) -> None:
    found = planned(shipped)
    assert changes(found, "deepinfra") == {"input": (0.037, 0.035), "output": (0.17, 0.16)}
    assert changes(found, "wandb") == {"output": (0.17, 0.18)}
    assert Change("wandb", MODEL, "output", 0.17, 0.18, "openrouter.ai endpoints") in found.changes


def test_a_deployment_with_a_name_of_its_own_is_another_offer(shipped: Catalog) -> None:
    found = planned(shipped)
    turbo = [c for c in found.changes if c.model == "gpt-oss-120b-turbo"]
    assert {(c.provider, c.field, c.new) for c in turbo} == {
        ("deepinfra", "input", 0.14), ("deepinfra", "output", 0.58),
    }  # fmt: skip


def test_hosts_are_found_by_what_the_lists_call_them(shipped: Catalog) -> None:
    found = planned(shipped)
    assert changes(found, "gmi")["input"] == (0.07, 0.05)
    assert "together" in found.confirmed
    assert {"bedrock", "cerebras"} <= set(found.confirmed)


def test_several_prices_of_one_host_are_told_and_left_alone(shipped: Catalog) -> None:
    found = planned(shipped)
    assert changes(found, "atlascloud") == {}
    assert "atlascloud" not in found.entries
    assert found.unclear == ("atlascloud: openrouter.ai endpoints gives several prices (0.05/0.2, 0.09/0.4)",)


def endpoint(name: str, input: object, output: object, **more: object) -> dict[str, object]:
    return {"provider_name": name, "tag": name, "pricing": {"prompt": input, "completion": output}, **more}


def endpoints(*entries: dict[str, object]) -> bytes:
    return json.dumps({"data": {"endpoints": entries}}).encode()


def test_a_price_in_another_unit_is_told_and_not_taken(shipped: Catalog) -> None:
    per_million = read_openrouter(endpoints(endpoint("together", "0.15", "0.6")))
    per_token = json.dumps(
        {"groq": {"models": {"openai/gpt-oss-120b": {"cost": {"input": 1.5e-7, "output": 6e-7}}}}}
    )
    found = plan(shipped, MODEL, [per_million, read_models_dev(per_token.encode(), MODEL)], TODAY)
    assert (found.entries, found.changes) == ({}, ())
    assert found.unclear == (
        "together: openrouter.ai endpoints says 150000/600000 US$ per 1M tokens, which can't be",
        "groq: models.dev says 1.5e-07/6e-07 US$ per 1M tokens, which can't be",
    )


def test_a_host_that_a_list_names_no_more_is_told_and_keeps_its_price(
    shipped: Catalog, tmp_path: Path
) -> None:
    both = endpoints(endpoint("groq", "0.0000001", "0.0000005"), endpoint("crusoe", "0.0000001", "0.0000005"))
    write(tmp_path / "prices.yaml", plan(shipped, MODEL, [read_openrouter(both)], TODAY).entries)
    known = load_fetched(tmp_path / "prices.yaml")
    one = endpoints(
        endpoint("groq", "0.0000001", "0.0000005", status=-2),
        endpoint("novita", "0.0000001", "0.0000005"),
    )
    found = plan(known, MODEL, [read_openrouter(one)], TODAY)
    assert found.gone == ("groq (openrouter.ai endpoints)", "crusoe (openrouter.ai endpoints)")
    assert set(found.entries) == {"novita"}


def test_the_written_file_reads_like_one_that_a_person_wrote(shipped: Catalog) -> None:
    text = merged("", planned(shipped).entries)
    assert "&id" not in text
    assert "*id" not in text
    others = [
        [*price]
        for provider in yaml.safe_load(text)["providers"].values()
        for offer in provider["models"].values()
        for price in offer["other_prices"]
    ]
    order = ["input", "output", "cached_input", "source", "as_of", "note"]
    assert all(keys == [key for key in order if key in keys] for keys in others)


def test_hosts_without_an_entry_are_named(shipped: Catalog) -> None:
    assert {listed.names[0] for listed in planned(shipped).unknown} == {"Newcomer", "Someone Else"}


def test_the_first_list_counts_and_the_second_stands_beside_it(shipped: Catalog, tmp_path: Path) -> None:
    groq = updated(planned(shipped), tmp_path).providers["groq"].models[MODEL]
    assert groq.price is not None
    assert (groq.price.output, groq.price.source) == (0.60, "openrouter.ai endpoints")
    assert any((p.source, p.output, p.as_of) == ("models.dev", 0.55, TODAY) for p in groq.other_prices)
    assert any((p.source, p.output) == ("litellm 1.109.1", 0.60) for p in groq.other_prices)
    assert any(p.output == 0.75 for p in groq.other_prices)
    assert len([p for p in groq.other_prices if p.source == "models.dev"]) == 1


def test_a_confirmed_price_gets_a_new_date(shipped: Catalog, tmp_path: Path) -> None:
    price = updated(planned(shipped), tmp_path).target("cerebras").price
    assert price is not None
    assert (price.input, price.output, price.as_of) == (0.35, 0.75, TODAY)


def test_a_cached_price_never_outlives_the_price_that_it_belongs_to(only, tmp_path: Path) -> None:
    catalog = only(
        "providers:\n"
        "  wandb: {name: W, base_url: 'https://w.example/v1', models: {gpt-oss-120b: "
        "{id: w, price: {input: 0.03, output: 0.17, cached_input: 0.02}}}}\n"
        "  cerebras: {name: C, base_url: 'https://c.example/v1', models: {gpt-oss-120b: "
        "{id: c, price: {input: 0.35, output: 0.75, cached_input: 0.1}}}}\n"
    )
    found = planned(catalog)
    assert changes(found, "wandb")["cached_input"] == (0.02, None)
    assert "cached_input" not in changes(found, "cerebras")
    text = merged("", found.entries)
    assert yaml.safe_load(text)["providers"]["wandb"]["models"][MODEL]["price"]["cached_input"] is None


def test_what_is_written_loads_without_a_problem_and_routes_follow(shipped: Catalog, tmp_path: Path) -> None:
    catalog = updated(planned(shipped), tmp_path)
    assert catalog.problems == ()
    assert catalog.target("deepinfra-messages").price == catalog.target("deepinfra").price
    assert catalog.target("deepinfra").price != shipped.target("deepinfra").price


def test_a_second_update_of_the_same_day_changes_nothing(shipped: Catalog, tmp_path: Path) -> None:
    updated(planned(shipped), tmp_path)
    first = (tmp_path / "prices.yaml").read_text()
    again = planned(load_fetched(tmp_path / "prices.yaml"))
    assert again.changes == ()
    write(tmp_path / "prices.yaml", again.entries)
    second = yaml.safe_load((tmp_path / "prices.yaml").read_text())
    assert {p: e["models"].keys() for p, e in yaml.safe_load(first)["providers"].items()} == {
        p: e["models"].keys() for p, e in second["providers"].items()
    }
    assert [p["source"] for p in second["providers"]["groq"]["models"][MODEL]["other_prices"]].count(
        "openrouter.ai endpoints"
    ) == 0


def test_the_users_own_price_wins_over_a_fetched_one(shipped: Catalog, tmp_path: Path) -> None:
    mine = "# mine\nproviders:\n  wandb: {models: {gpt-oss-120b: {price: {output: 9.0}}}}\n"
    price = updated(planned(shipped), tmp_path, mine).target("wandb").price
    assert price is not None
    assert (price.input, price.output) == (0.03, 9.0)
    assert (tmp_path / "providers.yaml").read_text() == mine


def test_a_fetched_price_older_than_the_shipped_one_no_longer_counts(
    shipped: Catalog, tmp_path: Path
) -> None:
    old = plan(shipped, MODEL, [read_openrouter(OPENROUTER)], date(2026, 10, 1))
    price = updated(old, tmp_path).target("wandb").price
    assert price == shipped.target("wandb").price
    undated = updated(old, tmp_path).target("gmi").price
    assert undated is not None
    assert undated.input == 0.05


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a Unix thing")
def test_the_file_is_private_and_nothing_is_left_beside_it(shipped: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "config"
    write(folder / "prices.yaml", planned(shipped).entries)
    assert stat.S_IMODE((folder / "prices.yaml").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["prices.yaml"]


def test_offers_of_other_models_stay_when_one_is_updated(shipped: Catalog) -> None:
    before = merged("", {"groq": {"gpt-oss-20b": {"price": {"input": 1.0, "output": 2.0}}}})
    after = yaml.safe_load(merged(before, planned(shipped).entries))
    assert after["providers"]["groq"]["models"]["gpt-oss-20b"]["price"]["input"] == 1.0
    assert after["providers"]["groq"]["models"][MODEL]["price"]["input"] == 0.15


@pytest.mark.parametrize("text", ["- a list", "providers: [", "providers: 3"])
def test_a_file_that_is_something_else_is_not_overwritten(
    shipped: Catalog, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text)
    entries = planned(shipped).entries
    with pytest.raises(UpdateError, match=r"prices\.yaml.*delete it"):
        write(path, entries)
    assert path.read_text() == text


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UpdateError, match="can't be written"):
        write(tmp_path / "file" / "prices.yaml", {})


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"data": 3}', b'{"data": {"endpoints": null}}', b"[" * 9000]
)
def test_an_answer_that_is_no_price_list_is_refused_in_one_line(body: bytes) -> None:
    for read in (read_openrouter, lambda text: read_models_dev(text, MODEL)):
        with pytest.raises(PriceListError) as caught:
            read(body)
        assert "\n" not in str(caught.value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["data", "endpoints", "pricing", "prompt", "completion", "tag", "provider_name", "status",
             "models", "gpt-oss-120b", "cost", "input", "output", "limit", "context", "name"]
        ),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(_json)
def test_whatever_a_list_says_nothing_but_sane_prices_come_out(value: object) -> None:
    body = json.dumps(value).encode()
    found = []
    for read in (read_openrouter, lambda text: read_models_dev(text, MODEL)):
        try:
            found += read(body)
        except PriceListError:
            continue
    assert all(0 < entry.input < inf and 0 < entry.output < inf and entry.names for entry in found)
    prices = [offer["price"] for offers in plan(SHIPPED, MODEL, [found], TODAY).entries.values()
              for offer in offers.values()]  # fmt: skip
    assert all(0.0005 <= price[part] <= 1000 for price in prices for part in ("input", "output"))
