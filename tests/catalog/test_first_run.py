"""Which keys to get first, the line that sets each, and all that is known of one host."""

from datetime import date
from typing import NamedTuple

import pytest

from osstui.catalog import Catalog
from osstui.catalog.entry import describe, quirk_meanings
from osstui.catalog.first_run import first_run
from osstui.catalog.rows import Here
from osstui.catalog.shells import export_line, shell_of
from osstui.job import Quirks

TODAY = date(2026, 11, 21)


class Key(NamedTuple):
    present: bool
    required: bool = True
    source: str | None = None
    missing: tuple[str, ...] = ()


class Server(NamedTuple):
    provider: str
    up: bool
    models: tuple[str, ...] = ()


def test_hosts_with_speed_and_price_come_first_and_doubtful_ones_last(shipped: Catalog) -> None:
    names = [key.providers[0] for key in first_run(shipped, {}).keys]
    both = names[:5]
    assert set(both) == {"clarifai", "cerebras", "google-vertex", "groq", "sambanova"}
    assert names[5] == "wandb"
    doubtful = [
        shipped.providers[n].models["gpt-oss-120b"].status or shipped.providers[n].status for n in names
    ]
    assert doubtful == sorted(doubtful, key=["live", "uncertain", "unverified"].index)


def test_every_host_that_needs_a_key_has_the_exact_line_for_it(shipped: Catalog) -> None:
    found = first_run(shipped, {})
    lines = {name: key.lines for key in found.keys for name in key.providers}
    assert lines["groq"] == ("export GROQ_API_KEY=…",)
    assert lines["google-vertex"] == ("export GOOGLE_VERTEX_PROJECT=…",)
    assert lines["bedrock"] == lines["bedrock-mantle"] == ("export AWS_BEARER_TOKEN_BEDROCK=…",)
    wanted = {p.id for p in shipped.providers.values() if p.key_required and p.route_of is None}
    assert set(lines) == wanted


def test_a_key_that_is_there_needs_no_line_and_goes_by_the_name_that_is_set(shipped: Catalog) -> None:
    keys = {"deepinfra": Key(True, source="DEEPINFRA_TOKEN"), "groq": Key(False)}
    found = {key.providers[0]: key for key in first_run(shipped, keys).keys}
    assert (found["deepinfra"].present, found["deepinfra"].source) == (True, "DEEPINFRA_TOKEN")
    assert found["deepinfra"].lines == ()
    assert (found["groq"].present, found["groq"].lines) == (False, ("export GROQ_API_KEY=…",))


def test_only_servers_that_answer_are_told(shipped: Catalog) -> None:
    servers = [Server("ollama", True, ("gpt-oss:20b",)), Server("vllm", False)]
    assert first_run(shipped, {}, servers).servers == (("ollama", ("gpt-oss:20b",)),)


def test_a_server_that_answers_in_two_dialects_is_told_once(shipped: Catalog) -> None:
    servers = [Server("llamacpp", True, ("m",)), Server("llamacpp-messages", True, ("m",))]
    assert first_run(shipped, {}, servers).servers == (("llamacpp", ("m",)),)


@pytest.mark.parametrize(
    ("environ", "windows", "line"),
    [
        ({"SHELL": "/bin/bash"}, False, "export K=v"),
        ({"SHELL": "/usr/bin/zsh"}, False, "export K=v"),
        ({}, False, "export K=v"),
        ({"SHELL": "/opt/homebrew/bin/fish"}, False, "set -gx K v"),
        ({"SHELL": "/bin/tcsh"}, False, "setenv K v"),
        ({"SHELL": "/usr/bin/pwsh"}, False, "$env:K = 'v'"),
        ({"PSModulePath": r"C:\Users\me\Documents\PowerShell\Modules"}, True, "$env:K = 'v'"),
        ({}, True, "set K=v"),
        ({"SHELL": "/usr/bin/bash"}, True, "export K=v"),
    ],
)
def test_the_line_is_one_that_the_users_shell_takes(
    environ: dict[str, str], windows: bool, line: str
) -> None:
    assert export_line("K", shell_of(environ, windows=windows), "v") == line


def test_every_quirk_of_the_catalog_is_explained() -> None:
    assert set(quirk_meanings()) == set(Quirks.__dataclass_fields__)


def shown(catalog: Catalog, name: str) -> str:
    provider, target = catalog.providers[name], catalog.target(name)
    return "\n".join(describe(provider, target, "https://address", Here(TODAY), "posix"))


def test_an_entry_shows_every_price_with_source_and_age(shipped: Catalog) -> None:
    text = shown(shipped, "groq")
    assert "cached $0.075, blended 0.2625 · litellm 1.109.1 (2026-11-01, 20 days old)" in text
    assert "$0.15 in, $0.75 out · groq.com model page (date unknown) · price at launch" in text
    assert "486 tok/s, TTFT 0.22 s · artificialanalysis.ai (date unknown)" in text
    assert "221 days old), stale" in shown(shipped, "modelslab")


def test_an_entry_shows_its_quirks_with_their_meaning(shipped: Catalog) -> None:
    text = shown(shipped, "modelslab")
    assert "key_body_field = key" in text
    assert quirk_meanings()["key_body_field"] in text
    assert "max_tokens_field" not in text


def test_an_entry_shows_what_is_still_to_be_set(shipped: Catalog) -> None:
    text = shown(shipped, "google-vertex")
    assert "export GOOGLE_VERTEX_PROJECT=…" in text
    assert "gcloud auth print-access-token" in text
    assert "global (from GOOGLE_VERTEX_LOCATION" in text


def test_every_shipped_entry_can_be_shown(shipped: Catalog) -> None:
    for name, provider in shipped.providers.items():
        text = shown(shipped, name)
        for offer in provider.models.values():
            assert offer.id in text
            assert all(str(price.source) in text for price in offer.other_prices)
