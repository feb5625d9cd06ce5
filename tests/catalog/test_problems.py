"""What a wrong catalog file says: one line with file, line, thing and way out, and nothing else is lost."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osstui.catalog import CatalogError, load_catalog

WORDS = st.sampled_from(
    [
        "name",
        "base_url",
        "models",
        "price",
        "input",
        "quirks",
        "extra_body",
        "variables",
        "headers",
        "lanes",
        "api_key_env",
        "published",
        "other_prices",
        "presets",
        "id",
        "rank",
        "local",
        "gpt-oss-120b",
    ]
)

GOOD = (
    "providers:\n  good: {name: Good, base_url: https://good.example/v1, models: {gpt-oss-120b: {id: g}}}\n"
)
BAD = GOOD + "  bad:\n    name: Bad\n    base_url: https://bad.example/v1\n"

CASES = {
    "unknown key": (
        "    dialct: openai-chat\n",
        6,
        'provider "bad": unknown key "dialct"; did you mean "dialect"?',
    ),
    "unknown dialect": (
        "    dialect: openai-chatt\n",
        6,
        'provider "bad": dialect must be one of openai-chat, openai-responses, anthropic-messages, '
        'ollama-chat, not "openai-chatt"; did you mean "openai-chat"?',
    ),
    "wrong type": ("    local: 3\n", 6, 'provider "bad": local must be true or false, not 3'),
    "yes is not text": (
        "    notes: yes\n",
        6,
        'provider "bad": notes must be text (put it in quotes), not true',
    ),
    "list wanted": (
        "    api_key_env: BAD_API_KEY\n",
        6,
        'provider "bad": api_key_env must be a list [a, b], not text',
    ),
    "unknown quirk": (
        "    quirks: {max_token_field: max_tokens}\n",
        6,
        'provider "bad": unknown key "max_token_field" in quirks; did you mean "max_tokens_field"?',
    ),
    "unknown quirk value": (
        "    quirks:\n      key_style: bearr\n",
        7,
        'provider "bad": quirks.key_style must be one of bearer, x-api-key, none, not "bearr"; '
        'did you mean "bearer"?',
    ),
    "given twice": (
        "    name: Worse\n",
        6,
        'provider "bad": "name" is given twice, first on line 4',
    ),
    "not a date that exists": (
        "    models: {m: {id: m}}\n    notes: 2026-13-45\n",
        7,
        'provider "bad": notes can\'t be read: month must be in 1..12; a date is written 2026-11-01',
    ),
    "a variable that goes by one that is not there": (
        "    variables:\n      host: {of: regoin, cases: {eu: h}}\n      region: eu\n",
        6,
        'provider "bad": variables host goes by "regoin", which is no variable above it',
    ),
    "a variable that goes by a later one": (
        "    variables: {host: {of: region, cases: {eu: h}}, region: eu}\n",
        6,
        'provider "bad": variables host goes by "region", which is no variable above it',
    ),
    "id is the key": ("    id: other\n", 6, 'provider "bad": unknown key "id"; "bad" is the id'),
    "key in a header": (
        "    headers: {Authorization: Bearer abc}\n",
        6,
        'provider "bad": headers must not hold Authorization: keys go where api_key_env or '
        "api_key_command says",
    ),
    "two lines in a header": (
        '    headers: {X-Team: "a\\nb"}\n',
        6,
        'provider "bad": headers "X-Team" is not a header that can be sent: one line of printable text',
    ),
    "the key itself instead of its name": (
        "    api_key_env: [sk-abc123]\n",
        6,
        'provider "bad": api_key_env[0] wants names of environment variables in capitals, '
        "such as GROQ_API_KEY",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_provider_is_named_with_file_and_line_and_disabled_alone(case: str, tmp_path: Path) -> None:
    text, line, message = CASES[case]
    path = tmp_path / "providers.yaml"
    path.write_text(BAD + text)
    catalog = load_catalog(only=path, environ={})
    assert [str(problem) for problem in catalog.problems] == [f"{path}:{line}: {message}"]
    assert catalog.problems[0].entry == "providers.bad"
    assert list(catalog.providers) == ["good"]
    assert catalog.target("good").model_id == "g"
    with pytest.raises(CatalogError, match=r'provider "bad" is disabled: .*providers\.yaml:\d+: '):
        catalog.target("bad")


URLS = {
    "ftp://x.example/v1": "must start with http:// or https:// and a host",
    "api.example.com/v1": "must start with http:// or https:// and a host",
    "https:///v1": "must start with http:// or https:// and a host",
    "https://u:pass@x.example": "must not hold a user name or password; a key goes where api_key_env says",
    "https://x.example/v1?key=1": "must be a plain address without query, spaces or stray braces",
    "https://x.example/{1}": "must be a plain address without query, spaces or stray braces",
    "https://x.example/v1/chat/completions": "must end before /chat/completions, which the dialect appends",
    "https://x.example/v1/messages/": "must end before /messages, which the dialect appends",
    "https://x.example:99999/v1": "has a port that is not a number from 1 to 65535",
}


@pytest.mark.parametrize("url", URLS)
def test_a_bad_address_says_what_is_wrong_with_it(only, url: str) -> None:
    catalog = only(f'providers:\n  bad:\n    name: Bad\n    base_url: "{url}"\n')
    assert [problem.message for problem in catalog.problems] == [f'provider "bad": base_url {URLS[url]}']
    assert catalog.problems[0].line == 4


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "example.com", "127.example.com", "{host}"])
def test_a_key_never_goes_over_plain_http_to_another_machine(only, host: str) -> None:
    text = f'providers:\n  lan: {{name: Lan, base_url: "http://{host}/v1", api_key_env: [LAN_KEY]}}\n'
    problems = only(text).problems
    assert len(problems) == 1
    assert 'provider "lan": base_url would send the key in clear over plain http' in problems[0].message


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "127.8.8.8", "[::1]:80", "a.localhost"])
def test_plain_http_is_fine_on_this_machine_and_without_a_key(only, host: str) -> None:
    with_key = f'providers:\n  here: {{name: H, base_url: "http://{host}/v1", api_key_env: [LAN_KEY]}}\n'
    assert only(with_key).problems == ()
    assert only("providers:\n  lan: {name: Lan, base_url: http://10.0.0.7:8000/v1}\n").problems == ()


OFFERS = {
    "{id: m, price: {input: -0.1, output: 1}}": "price input must be 0 or more US$ per 1M tokens, not -0.1",
    "{id: m, price: {input: .nan, output: 1}}": "price input must be 0 or more US$ per 1M tokens, not nan",
    "{id: m, price: {input: 1}}": "price.output is missing",
    '{id: m, price: {input: "0.1", output: 1}}': "price.input must be a number, not text",
    "{id: m, quantisation: FP4}": 'unknown key "quantisation"; did you mean "quantization"?',
    "{id: m, context: -1}": "context must be more than 0, not -1",
    "{id: 20}": "id must be text (put it in quotes), not 20",
    "{price: {input: 1, output: 2}}": "id is missing",
    "{id: m, published: [{source: p, output_tps: 0}]}": "published[0].output_tps must be more than 0, not 0",
    "{id: m, published: [{source: p, as_of: 5}]}": (
        "published[0].as_of must be a date such as 2026-11-01, not 5"
    ),
    "{id: m, idd: m}": 'unknown key "idd"; did you mean "id"?',
    "plain": "must be a mapping {key: value}, not text",
}


@pytest.mark.parametrize("offer", OFFERS)
def test_a_wrong_offer_is_disabled_without_its_provider(only, offer: str) -> None:
    catalog = only(
        f"providers:\n  host:\n    name: Host\n    base_url: https://host.example/v1\n"
        f"    models:\n      fine: {{id: fine}}\n      wrong: {offer}\n"
    )
    expected = f'model "wrong" of provider "host": {OFFERS[offer]}'
    assert [(problem.line, problem.message) for problem in catalog.problems] == [(7, expected)]
    assert list(catalog.providers["host"].models) == ["fine"]


def test_a_preset_that_names_an_unknown_provider_is_disabled(only) -> None:
    catalog = only(GOOD + "presets:\n  mine:\n    lanes:\n      - good\n      - goud:m\n")
    assert [(p.line, p.message) for p in catalog.problems] == [
        (7, 'preset "mine": unknown provider "goud"; did you mean "good"?')
    ]
    with pytest.raises(CatalogError, match='preset "mine" is disabled'):
        catalog.preset("mine", lambda _: True)


def test_a_preset_of_a_model_that_nobody_offers_is_disabled(only) -> None:
    catalog = only(GOOD + "presets:\n  mine:\n    rank: all\n    model: gpt-oss-12b\n")
    assert [(p.line, p.message) for p in catalog.problems] == [
        (6, 'preset "mine": no provider offers "gpt-oss-12b"; did you mean "gpt-oss-120b"?')
    ]


def test_a_placeholder_that_is_misspelt_is_named_before_anything_is_asked(only) -> None:
    text = "providers:\n  bad:\n    name: Bad\n    base_url: https://{regoin}.example/v1\n"
    assert only(text).problems == ()  # the environment may fill it
    catalog = only(text + "    variables: {region: eu}\n")
    assert [(p.line, p.message) for p in catalog.problems] == [
        (5, 'provider "bad": variables fill no {regoin}, which base_url holds; did you mean "region"?')
    ]


def test_an_address_of_ones_own_leaves_the_variables_of_the_shipped_one_unused(users) -> None:
    catalog = users("providers: {bedrock: {base_url: https://proxy.example/v1}}")
    assert catalog.problems == ()
    assert catalog.target("bedrock").base_url == "https://proxy.example/v1"


def test_a_preset_is_either_lanes_or_a_rank(only) -> None:
    catalog = only(GOOD + "presets:\n  mine: {top: 3}\n")
    assert catalog.problems[0].message == (
        'preset "mine": needs either lanes: [provider, provider:model, …] or rank: …'
    )


def test_an_unknown_section_is_named_and_the_rest_is_used(only) -> None:
    catalog = only("provders: {}\n" + GOOD)
    assert [(p.line, p.message) for p in catalog.problems] == [
        (1, 'unknown key "provders"; did you mean "providers"?')
    ]
    assert list(catalog.providers) == ["good"]


def test_a_section_that_is_no_mapping_is_named_and_the_rest_is_used(only) -> None:
    catalog = only("models: [a]\n" + GOOD)
    assert [(p.line, p.message) for p in catalog.problems] == [(1, "models must be a mapping {name: entry}")]
    assert list(catalog.providers) == ["good"]


def test_a_key_that_was_put_into_the_file_is_never_repeated(only) -> None:
    for wrong in ("api_key_env: sk-secret", "api_key_env: [sk-secret]", "api_key: sk-secret"):
        catalog = only(f"providers:\n  a: {{name: A, base_url: https://a.example, {wrong}}}\n")
        assert len(catalog.problems) == 1
        assert "sk-secret" not in str(catalog.problems)
    catalog = only('providers:\n  a: {name: A, base_url: "https://a.example/?key=sk-secret"}\n')
    assert len(catalog.problems) == 1
    assert "sk-secret" not in str(catalog.problems)


@pytest.mark.parametrize("name", ['"a b"', '"a,b"', '"a:b"', '"a#2"', '""'])
def test_an_id_that_could_not_be_typed_is_a_problem(only, name: str) -> None:
    catalog = only(f"providers:\n  {name}: {{name: N, base_url: https://n.example}}\n")
    assert "this name can't be typed" in catalog.problems[0].message
    assert catalog.providers == {}


def test_control_characters_of_a_file_never_reach_the_message(only) -> None:
    catalog = only('providers:\n  a: {name: A, base_url: https://a.example, "x\\e]0;t\\a": 1}\n')
    assert "\\x1b]0;t\\x07" in catalog.problems[0].message
    assert str(catalog.problems[0]).isprintable()


BROKEN = {
    "providers: [a\n": r"providers\.yaml:\d+: this is not YAML: ",
    "providers: {}\nproviders: {}\n": r'providers\.yaml:2: "providers" is given twice, first on line 1',
    "- a\n": r"providers\.yaml:1: a catalog is a mapping with the keys models, providers, presets",
    "version: 2\n": r"providers\.yaml:1: version must be 1, the one this osstui reads",
    "a: &a {b: *a}\n": r"providers\.yaml:1: this nests too deeply",
    "a: 1\n---\nb: 2\n": r"providers\.yaml:\d+: this is not YAML: ",
    "\x00": r"providers\.yaml.*: this is not YAML: ",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_of_the_command_line_stops_with_its_line(only, text: str) -> None:
    with pytest.raises(CatalogError, match=BROKEN[text]) as raised:
        only(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_user_file_is_a_problem_and_the_shipped_catalog_stays(users, text: str) -> None:
    catalog = users(text)
    assert len(catalog.problems) == 1
    assert re.search(BROKEN[text].replace("providers", "mine", 1), str(catalog.problems[0]))
    assert "groq" in catalog.providers


def test_a_missing_file_of_the_command_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"gone\.yaml: can't be read: No such file or directory"):
        load_catalog(only=tmp_path / "gone.yaml")
    with pytest.raises(CatalogError, match=r"gone\.yaml: can't be read"):
        load_catalog(extra=tmp_path / "gone.yaml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "providers.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match=r"providers\.yaml: this is not UTF-8 text"):
        load_catalog(only=path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(WORDS, st.dictionaries(WORDS, ANYTHING, max_size=3), max_size=4))
def test_nothing_that_a_users_file_holds_stops_the_program(users, tree: dict[str, object]) -> None:
    catalog = users(yaml.safe_dump({"providers": {"groq": tree, **tree}, **tree}))
    assert "cerebras" in catalog.providers
    for problem in catalog.problems:
        assert str(problem).isprintable()
