"""Lanes: how they are typed, what they resolve to, and the presets that choose them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.catalog import Catalog, CatalogError, blended, load_catalog, parse_lanes
from osstui.catalog.presets import Own

PROVIDERS = {"groq", "cerebras", "vllm"}
SHIPPED = load_catalog(environ={})


@pytest.mark.parametrize(
    ("text", "lanes"),
    [
        ("groq", ["groq"]),
        ("groq,cerebras", ["groq", "cerebras"]),
        (" groq , cerebras ,", ["groq", "cerebras"]),
        ("groq,cerebras:gpt-oss-20b", ["groq", "cerebras:gpt-oss-20b"]),
        ("groq:gpt-oss-20b,cerebras", ["groq:gpt-oss-20b", "cerebras"]),
        ("groq:a,cerebas:b", ["groq:a", "cerebas:b"]),
        ("vllm:odd,name", ["vllm:odd,name"]),
        ("huggingface:openai/gpt-oss-120b:groq", ["huggingface:openai/gpt-oss-120b:groq"]),
        ("groq,groq", ["groq", "groq"]),
        ("", []),
    ],
)
def test_commas_separate_lanes_unless_they_stand_in_a_model_id(text: str, lanes: list[str]) -> None:
    assert parse_lanes(text, PROVIDERS) == lanes


@given(st.lists(st.sampled_from(["groq", "cerebras:m", "vllm:org/m", "groq:a:b"]), max_size=5))
def test_lanes_joined_with_commas_come_back(lanes: list[str]) -> None:
    assert parse_lanes(",".join(lanes), PROVIDERS) == lanes


def test_a_provider_alone_means_the_default_model(shipped: Catalog) -> None:
    target = shipped.target("groq")
    assert (target.model, target.model_id) == ("gpt-oss-120b", "openai/gpt-oss-120b")
    assert target == shipped.target("groq:gpt-oss-120b")


def test_the_hosts_own_id_finds_the_offer_with_its_price(shipped: Catalog) -> None:
    assert shipped.target("groq:openai/gpt-oss-20b") == shipped.target("groq:gpt-oss-20b")


@pytest.mark.parametrize(("raw", "exact"), [("openai/GPT-OSS-120b:free", True), ("qwen/qwen3-32b", False)])
def test_a_raw_model_id_goes_as_it_is_and_has_no_price(shipped: Catalog, raw: str, exact: bool) -> None:
    target = shipped.target(f"openrouter:{raw}")
    assert (target.model, target.model_id, target.price) == (raw, raw, None)
    assert target.exact_tokenizer is exact


def test_an_unknown_provider_names_the_nearest(shipped: Catalog) -> None:
    with pytest.raises(CatalogError, match=r'^there is no provider "grok"; did you mean "groq"\?$'):
        shipped.target("grok")


def test_an_unknown_provider_that_resembles_none_lists_them_all(shipped: Catalog) -> None:
    with pytest.raises(CatalogError, match=r'^there is no provider "zzz"; known: atlascloud, baseten, '):
        shipped.target("zzz")


def test_a_colon_without_a_model_says_what_to_write(shipped: Catalog) -> None:
    with pytest.raises(CatalogError, match=r'^"groq:" names no model; write groq or groq:MODEL$'):
        shipped.target("groq:")


def test_a_provider_without_the_default_model_asks_for_one(only) -> None:
    catalog = only("providers: {a: {name: A, base_url: https://a.example, models: {tiny: {id: t}}}}\n")
    with pytest.raises(
        CatalogError, match=r'^provider "a" has no gpt-oss-120b; write a:MODEL \(known: tiny\)$'
    ):
        catalog.target("a")
    assert catalog.target("a:tiny").model_id == "t"


def test_the_same_lane_twice_gets_two_names(shipped: Catalog) -> None:
    lanes = shipped.targets(["groq", "groq", "groq:gpt-oss-20b", "groq"])
    assert [lane for lane, _ in lanes] == ["groq", "groq#2", "groq:gpt-oss-20b", "groq#3"]
    assert lanes[0][1] == lanes[1][1] == lanes[3][1]


@given(st.lists(st.sampled_from(["groq", "groq:m", "groq:m#2", "cerebras"]), max_size=8))
def test_lane_names_are_unique_whatever_is_typed(specs: list[str]) -> None:
    names = [lane for lane, _ in SHIPPED.targets(specs)]
    assert len(set(names)) == len(names) == len(specs)


def test_several_values_and_commas_make_one_list(shipped: Catalog) -> None:
    assert shipped.lanes(["groq,cerebras", "vllm:a,b"]) == ["groq", "cerebras", "vllm:a,b"]


def test_a_simulated_fleet_stands_for_every_provider_and_needs_no_key(shipped: Catalog) -> None:
    fleet = shipped.simulated("http://127.0.0.1:9000/")
    groq = fleet.target("groq")
    assert groq.base_url == "http://127.0.0.1:9000/groq/openai/v1"
    assert groq.simulated
    assert not groq.key_required
    for provider in fleet.providers:
        target = fleet.target(provider)
        assert target.base_url.startswith(f"http://127.0.0.1:9000/{provider}/")
        assert "{" not in target.base_url
        assert (target.api_key_env, target.api_key_command) == ((), None)
        assert target.price == shipped.target(provider).price
    assert not shipped.target("groq").simulated


PRESETS = {
    "latency": ["cerebras", "deepinfra", "groq", "compactifai", "together"],
    "throughput": ["cerebras", "clarifai", "sambanova", "groq", "google-vertex"],
    "balanced": ["clarifai", "cerebras", "google-vertex", "groq", "sambanova"],
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_ranked_preset_takes_the_best_five(shipped: Catalog, name: str) -> None:
    assert shipped.preset(name, lambda _: True) == PRESETS[name]


def test_the_cheapest_are_those_with_the_lowest_blended_price_that_counts(shipped: Catalog) -> None:
    lanes = shipped.preset("cheapest", lambda _: True)
    prices = [blended(price) for lane in lanes if (price := shipped.target(lane).price)]
    assert len(prices) == 5
    assert prices == sorted(prices)
    hosts = [p.id for p in shipped.providers.values() if p.route_of is None]
    others = [t.price for p in hosts if p not in lanes and (t := shipped.target(p)).price]
    assert all(blended(price) >= prices[-1] for price in others if price)


def test_only_available_providers_are_picked(shipped: Catalog) -> None:
    have = {"groq", "together", "ollama"}
    assert shipped.preset("latency", have.__contains__) == ["groq", "together"]
    assert shipped.preset("all", have.__contains__) == ["groq", "together", "ollama"]
    assert shipped.preset("throughput", lambda _: False) == []


def test_a_users_preset_lists_its_lanes(users) -> None:
    catalog = users("presets:\n  mine: {lanes: [groq, 'vllm:my/model']}\n")
    assert catalog.problems == ()
    assert catalog.preset("mine", lambda _: False) == ["groq", "vllm:my/model"]


def test_a_ranked_preset_of_another_model_names_it_in_its_lanes(users) -> None:
    catalog = users("presets:\n  small: {rank: cheapest, model: gpt-oss-20b, top: 2}\n")
    lanes = catalog.preset("small", lambda _: True)
    assert len(lanes) == 2
    assert all(lane.endswith(":gpt-oss-20b") for lane in lanes)


def test_an_unknown_preset_names_the_nearest(shipped: Catalog) -> None:
    with pytest.raises(CatalogError, match=r'^there is no preset "cheap"; did you mean "cheapest"\?$'):
        shipped.preset("cheap", lambda _: True)


def test_a_preset_goes_by_the_users_own_figures_where_there_are_some(shipped: Catalog) -> None:
    own = {
        ("novita", "gpt-oss-120b"): Own(ttft_s=0.01, output_tps=9000.0, runs=3),
        ("cerebras", "gpt-oss-120b"): Own(ttft_s=9.0, runs=3),
        ("groq", "gpt-oss-20b"): Own(ttft_s=0.001, output_tps=1e6, runs=1),
        ("deepinfra-messages", "gpt-oss-120b"): Own(ttft_s=0.001, output_tps=1e6, runs=1),
    }
    assert shipped.preset("latency", lambda _: True, own)[0] == "novita"
    assert "cerebras" not in shipped.preset("latency", lambda _: True, own)
    throughput = shipped.preset("throughput", lambda _: True, own)
    assert throughput[:2] == ["novita", "cerebras"]
    assert "novita" in shipped.preset("balanced", lambda _: True, own)
    assert shipped.preset("cheapest", lambda _: True, own) == shipped.preset("cheapest", lambda _: True)
