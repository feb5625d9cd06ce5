"""Parameters: what a profile sends, and how named ones are kept."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from osstui.engine.dialects import DIALECTS
from osstui.job import Message, Params, Target
from osstui.profile import Profile, ProfileError, differences, response_fields
from osstui.settings import Settings, SettingsError, checked_profile

TALK = (Message("user", "hi"),)


def target(dialect: str = "openai-chat") -> Target:
    return Target("groq", "Groq", "https://api.example.com/v1", dialect, "m", "m")


def test_a_lane_has_the_profile_and_keeps_its_times() -> None:
    lane = Profile(system="Be brief", effort="low", seed=7).lane("a", target(), TALK, Params(timeout=3))
    assert lane.messages == (Message("system", "Be brief"), *TALK)
    assert (lane.params.effort, lane.params.seed, lane.params.timeout) == ("low", 7, 3)
    assert lane.extra_body == {}


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        ("openai-chat", ("response_format", "json_schema", "schema")),
        ("openai-responses", ("text", "format", "schema")),
        ("ollama-chat", ("format",)),
    ],
)
def test_a_schema_reaches_the_body_of_each_dialect_that_has_a_field_for_it(
    dialect: str, path: tuple[str, ...], tmp_path: Path
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    file = tmp_path / "my schema.json"
    file.write_text(json.dumps(schema))
    lane = Profile(response_format=str(file)).lane("a", target(dialect), TALK, Params())
    value: object = DIALECTS[dialect].build(lane).body
    for key in path:
        value = value[key]  # type: ignore[index]
    assert value == schema


def test_a_dialect_without_a_field_for_the_form_says_so() -> None:
    profile = Profile(response_format="json")
    assert profile.lane("a", target("anthropic-messages"), TALK, Params()).extra_body == {}
    assert list(profile.unmet(target("anthropic-messages"))) == [
        "response_format is not sent: anthropic-messages has no field for it"
    ]
    assert not list(profile.unmet(target()))


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{", "is not JSON"), (b"[]", "must be an object"), (b" " * 300_000, "larger than")],
)
def test_a_schema_that_cannot_be_used_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_bytes(content)
    with pytest.raises(ProfileError, match=said) as raised:
        response_fields("openai-chat", str(file))
    assert str(file) in str(raised.value)
    with pytest.raises(ProfileError, match="can't be read"):
        response_fields("openai-chat", str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"temperature": "-1"}, "temperature must be at least 0"),
        ({"top_p": 1.5}, "top_p must be at most 1"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"effort": "some"}, "effort: Input should be 'low', 'medium' or 'high'"),
        ({"seed": "x"}, "seed: "),
        ({"heat": 1}, "heat: "),
        ({"stop": [""]}, "stop must not be empty"),
    ],
)
def test_a_wrong_value_is_named(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ProfileError) as raised:
        checked_profile(fields)
    assert said in str(raised.value)


def test_only_differences_are_told() -> None:
    base = Profile(temperature=0.2)
    assert differences(base) == ["temperature 0.2"]
    assert differences(Profile(stop=("a\nb",), system="x" * 90), base) == [
        f'system "{"x" * 23}…"', "temperature default", r"stop 'a\nb'",
    ]  # fmt: skip


def test_profiles_and_theme_are_kept_in_one_private_file(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "new" / "settings.yaml")
    assert settings.theme() is None
    assert settings.profiles() == {}
    profile = Profile(system="Zeile\nzwei ≈", stop=("a", "b"), temperature=0.0)
    settings.keep_profile("terse", profile)
    settings.keep_theme("osstui-paper")
    settings.keep_profile("plain", Profile())
    assert settings.profiles() == {"terse": profile, "plain": Profile()}
    assert settings.theme() == "osstui-paper"
    if os.name == "posix":
        assert settings.path.stat().st_mode & 0o777 == 0o600
        assert settings.path.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in settings.path.parent.iterdir()] == ["settings.yaml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profiles: [", ":1: not valid YAML"),
        ("- a\n", "must be a mapping"),
        ("profiles: {a: {heat: 1}}", "profiles.a.heat: "),
        ("colour: red", "colour: "),
    ],
)
def test_a_wrong_file_is_explained_and_never_overwritten(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    for use in (Settings(path).profiles, lambda: Settings(path).keep_theme("osstui-dusk")):
        with pytest.raises(SettingsError) as raised:
            use()
        assert said in str(raised.value)
    assert path.read_text() == text


def test_an_unknown_profile_names_the_known_ones(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.yaml")
    settings.keep_profile("terse", Profile(effort="low"))
    with pytest.raises(SettingsError, match='no profile "tense"; known: terse'):
        settings.profile("tense")


def test_tools_are_offered_by_the_lane_named_for_people_and_kept_with_their_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tools.yaml").write_text("- name: now\n  description: The time\n")
    monkeypatch.chdir(tmp_path)
    profile = Profile(tools="tools.yaml", builtin_tools=("browser_search",))
    lane = profile.lane("a", target(), TALK, Params())
    assert [tool.name for tool in lane.tools] == ["now"]
    assert lane.builtin_tools == ("browser_search",)
    assert differences(profile) == ["tools tools.yaml", "host's tools browser_search"]
    settings = Settings(tmp_path / "settings.yaml")
    settings.keep_profile("handy", profile)
    assert settings.profile("handy").tools == str(tmp_path / "tools.yaml")
    assert settings.profile("handy").builtin_tools == ("browser_search",)
