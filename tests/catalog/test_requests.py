"""The exact request that each shipped entry stands for, against a golden file.

`python tests/catalog/test_requests.py` writes the files again; read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osstui.catalog import Catalog, load_catalog
from osstui.engine.address import base_url, encode_request, fill
from osstui.engine.dialects import DIALECTS
from osstui.job import Lane, Message, Params, Target

GOLDENS = Path(__file__).parent / "goldens"
NOWHERE = GOLDENS / "absent" / "providers.yaml"
ENVIRON = {"GOOGLE_VERTEX_PROJECT": "my-project"}
KEY = "golden-test-key"
MESSAGES = (
    Message("system", "Be brief."),
    Message("user", "What is 6 × 7?"),
    Message("assistant", "42", reasoning="Six sevens."),
    Message("user", "And 7 × 8?"),
)
PARAMS = Params(effort="low", temperature=0.5, max_tokens=50_000, seed=7, stop=("END",))


def shipped() -> Catalog:
    return load_catalog(user=NOWHERE, environ=ENVIRON)


def request_of(target: Target) -> str:
    """The request as text: request line, headers, body, and what the user is told about it."""
    lane = Lane(target.provider, target, MESSAGES, PARAMS)
    request = DIALECTS[target.dialect].build(lane)
    key = KEY if target.api_key_env or target.api_key_command else None
    head, _, body = encode_request(target, request, key).partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    kept = [h for h in headers if not h.startswith(("content-length:", "user-agent:"))]
    shown = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    notes = [f"note: {note.code}: {note.message}" for note in request.notes]
    address = f"url: {base_url(target)}{request.path}"
    return "\n".join([address, line, *kept, "", shown, *notes, ""]).replace(KEY, "<key>")


PROVIDERS = sorted(shipped().providers)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_request_is_the_one_that_the_facts_describe(provider: str) -> None:
    golden = (GOLDENS / f"{provider}.txt").read_text(encoding="utf-8")
    assert request_of(shipped().target(provider)) == golden


def test_no_golden_is_left_of_a_provider_that_has_gone() -> None:
    assert sorted(path.stem for path in GOLDENS.glob("*.txt")) == PROVIDERS


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_key_stands_once_in_the_headers_and_only_where_wanted_in_the_body(provider: str) -> None:
    target = shipped().target(provider)
    head, _, body = request_of(target).partition("\n\n")
    needs = bool(target.api_key_env or target.api_key_command)
    assert head.count("<key>") == (needs and target.quirks.key_style != "none")
    assert body.count("<key>") == (target.quirks.key_body_field is not None)


def test_reasoning_of_earlier_turns_is_sent_to_nobody_that_did_not_ask_for_it() -> None:
    for provider in PROVIDERS:
        target = shipped().target(provider)
        assert ("Six sevens" in request_of(target)) == bool(target.quirks.reasoning_in_history), provider


def test_a_host_with_a_lower_ceiling_gets_no_higher_temperature() -> None:
    lane = Lane("mara", shipped().target("mara"), MESSAGES, Params(temperature=1.5))
    request = DIALECTS[lane.target.dialect].build(lane)
    assert request.body["temperature"] == 1.0
    assert "lowered_parameter" in {note.code for note in request.notes}


def test_every_address_of_the_shipped_catalog_can_be_filled() -> None:
    for provider in PROVIDERS:
        target = shipped().target(provider)
        assert "{" not in fill(target.base_url, target, {}), provider


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for name in PROVIDERS:
        (GOLDENS / f"{name}.txt").write_text(request_of(shipped().target(name)), encoding="utf-8")
