"""Another way to a host that has an entry already."""

from pathlib import Path

import pytest

from osstui.catalog import Catalog, ranking

ROUTE = """
providers:
  groq: {quirks: {max_temperature: 1.5}, headers: {x-team: mine}}
  mine: {name: Mine, route_of: groq, base_url: "https://a.example/v1", dialect: anthropic-messages}
"""


def test_a_route_takes_what_it_leaves_unsaid_from_the_host(users) -> None:
    catalog: Catalog = users(ROUTE)
    assert catalog.problems == ()
    mine, groq = catalog.target("mine"), catalog.target("groq")
    assert (mine.api_key_env, mine.price, mine.model_id) == (groq.api_key_env, groq.price, groq.model_id)
    assert (mine.base_url, mine.dialect) == ("https://a.example/v1", "anthropic-messages")


def test_a_route_has_neither_the_hosts_quirks_nor_its_headers_nor_its_published_figures(users) -> None:
    mine = users(ROUTE).providers["mine"]
    assert mine.quirks.max_temperature is None
    assert mine.headers == {}
    assert all(offer.published == () for offer in mine.models.values())


def test_a_route_may_sell_a_model_at_another_price(users) -> None:
    text = ROUTE.replace("}\n", "}\n", 1) + "  mine2:\n    name: Mine\n    route_of: groq\n"
    text += "    base_url: https://x.example\n"
    text += "    models: {gpt-oss-120b: {price: {input: 9, cached_input: null}}}\n"
    price = users(text).target("mine2").price
    assert price is not None
    assert (price.input, price.output, price.cached_input) == (9, 0.60, None)


def test_a_host_counts_once_in_rankings_and_presets_whatever_its_routes(users) -> None:
    catalog: Catalog = users(ROUTE)
    assert "mine" not in [name for name, _ in ranking(catalog, "output_tps")]
    for preset in ("latency", "throughput", "cheapest", "balanced", "all"):
        assert "mine" not in catalog.preset(preset, lambda _: True), preset


def test_the_demo_asks_every_route(shipped: Catalog) -> None:
    demo = shipped.simulated("http://127.0.0.1:1")
    lanes = demo.preset("all", lambda _: True)
    assert set(lanes) == set(shipped.providers)
    assert {demo.target(lane).dialect for lane in lanes} == {
        "openai-chat",
        "openai-responses",
        "anthropic-messages",
        "ollama-chat",
    }


@pytest.mark.parametrize(
    ("of", "hint"),
    [("grok", 'did you mean "groq"'), ("mine", "no provider"), ("keeprouter-messages", "directly")],
)
def test_a_route_of_nobody_is_named_with_its_line(users, tmp_path: Path, of: str, hint: str) -> None:
    catalog: Catalog = users(ROUTE.replace("route_of: groq", f"route_of: {of}"))
    assert "mine" not in catalog.providers
    (problem,) = catalog.problems
    assert problem.line == 4
    assert problem.entry == "providers.mine"
    assert "route_of" in problem.message
    assert hint in problem.message
