"""The shipped providers.yaml, against the facts that it was written from."""

import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
import pytest

from osstui.catalog import DEFAULT_MODEL, Catalog, blended, ranking
from osstui.job import Target
from osstui.resources import resource

FIRST_FIVE = {
    "output_tps": ["cerebras", "clarifai", "sambanova", "groq", "google-vertex"],
    "ttft_s": ["cerebras", "deepinfra", "groq", "compactifai", "together"],
    "blended": ["compactifai", "gmi", "deepinfra", "clarifai", "novita"],
    "input": ["compactifai", "deepinfra", "gmi", "clarifai", "novita"],
    "output": ["compactifai", "gmi", "hyperbolic", "clarifai", "deepinfra"],
}
VALUES = {
    "output_tps": [3185, 826, 709, 486, 406],
    "ttft_s": [0.20, 0.21, 0.22, 0.30, 0.30],
    "blended": [0.095, 0.1225, 0.15, 0.1575, 0.20],
    "input": [0.05, 0.05, 0.07, 0.09, 0.10],
    "output": [0.23, 0.28, 0.30, 0.36, 0.45],
}


def test_every_shipped_entry_loads_without_problem(shipped: Catalog) -> None:
    assert [str(problem) for problem in shipped.problems] == []
    assert len(shipped.providers) == 48


@pytest.mark.parametrize("figure", FIRST_FIVE)
def test_the_published_figures_give_the_published_top_five(shipped: Catalog, figure: str) -> None:
    best = ranking(shipped, figure)[:5]
    assert [provider for provider, _ in best] == FIRST_FIVE[figure]
    assert [value for _, value in best] == pytest.approx(VALUES[figure])


def test_every_shipped_provider_offers_the_default_model(shipped: Catalog) -> None:
    for provider in shipped.providers:
        target = shipped.target(provider)
        assert target.model == DEFAULT_MODEL
        assert target.exact_tokenizer
        assert target.context is not None
        assert target.context <= 131072


def test_every_price_tells_its_source(shipped: Catalog) -> None:
    for provider in shipped.providers.values():
        for offer in provider.models.values():
            assert offer.price is None or offer.price.source, (provider.id, offer.id)


def test_the_pair_that_a_price_page_repeats_for_everybody_never_counts(shipped: Catalog) -> None:
    for provider in shipped.providers.values():
        for offer in provider.models.values():
            if offer.price and (offer.price.input, offer.price.output) == (0.039, 0.19):
                assert offer.price.source != "openrouter.ai page", provider.id


def test_the_newest_price_counts_and_the_older_ones_stay_beside_it(shipped: Catalog) -> None:
    groq = shipped.providers["groq"].models[DEFAULT_MODEL]
    assert groq.price is not None
    assert (groq.price.input, groq.price.output, groq.price.cached_input) == (0.15, 0.60, 0.075)
    assert any(price.output == 0.75 for price in groq.other_prices)
    assert blended(groq.price) == pytest.approx(0.2625)


def test_no_dated_price_is_newer_than_the_one_that_counts_unless_a_note_says_why(shipped: Catalog) -> None:
    for provider in shipped.providers.values():
        for offer in provider.models.values():
            for other in offer.other_prices:
                if offer.price and offer.price.as_of and other.as_of and other.note is None:
                    assert other.as_of <= offer.price.as_of, (provider.id, offer.id, other)


def test_every_host_out_there_is_asked_over_https_and_every_local_one_on_loopback(shipped: Catalog) -> None:
    for provider in shipped.providers.values():
        parts = urlsplit(provider.base_url)
        if provider.local:
            assert parts.hostname in ("localhost", "127.0.0.1")
            assert not provider.key_required
        else:
            assert parts.scheme == "https"
            assert provider.key_required


def test_the_example_at_the_head_of_the_file_works_as_it_stands(users) -> None:
    head = resource("providers.yaml").read_text(encoding="utf-8").split("# Only what you write")[0]
    example = "\n".join(line[4:] for line in head.splitlines() if line.startswith("#   "))
    catalog = users(example)
    assert catalog.problems == ()
    assert catalog.target("myhost").base_url == "https://api.example.com/v1"


def test_bedrock_goes_to_the_region_of_the_environment(shipped: Catalog) -> None:
    assert shipped.target("bedrock").variables == {"region": "us-east-1"}
    abroad = replace(shipped, environ={"AWS_DEFAULT_REGION": "eu-north-1", "AWS_REGION": ""})
    assert abroad.target("bedrock-mantle").variables == {"region": "eu-north-1"}


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
    ],
)
def test_vertex_has_a_host_for_each_location(shipped: Catalog, location: str, host: str) -> None:
    environ = {"GOOGLE_VERTEX_LOCATION": location, "GOOGLE_CLOUD_PROJECT": "mine"}
    target = replace(shipped, environ=environ).target("google-vertex")
    assert target.variables == {"project": "mine", "location": location, "host": host}
    assert target.variables_env == {}


def test_a_variable_that_nothing_fills_names_the_environment_variables_that_would(shipped: Catalog) -> None:
    target = shipped.target("google-vertex")
    assert "project" not in target.variables
    assert target.variables_env["project"][0] == "GOOGLE_VERTEX_PROJECT"


def test_importing_the_catalog_loads_neither_pydantic_nor_yaml() -> None:
    code = "import sys, osstui.catalog; print(sorted({'pydantic', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_target_crosses_the_pipe_unchanged(shipped: Catalog) -> None:
    for provider in shipped.providers:
        target = shipped.target(provider)
        assert msgspec.json.decode(msgspec.json.encode(target), type=Target) == target
