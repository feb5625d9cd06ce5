"""Files laid over one another: the later wins, entry by entry and key by key."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from osstui.catalog import load_catalog, user_catalog_path
from osstui.catalog.nodes import Node, merge, plain

SCALARS = st.none() | st.integers() | st.text(max_size=3) | st.booleans()
KEYS = st.sampled_from("abc")
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS | st.lists(SCALARS, max_size=2).map(tuple),
        lambda inner: st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=3,
)


def nodes(value: object, file: str = "f") -> Node:
    if isinstance(value, dict):
        return Node({key: nodes(child, file) for key, child in value.items()}, file, 1)
    if isinstance(value, tuple):
        return Node(tuple(nodes(child, file) for child in value), file, 1)
    return Node(value, file, 1)


def leaves(value: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    if isinstance(value, dict):
        return {k: v for key, child in value.items() for k, v in leaves(child, (*path, key)).items()}
    return {path: value}


def empty_mappings(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return []
    if not value:
        return [path]
    return [found for key, child in value.items() for found in empty_mappings(child, (*path, key))]


@given(TREES)
def test_laying_nothing_on_a_file_or_a_file_on_itself_changes_nothing(tree: dict[str, object]) -> None:
    assert merge(nodes(tree), nodes({})).value == nodes(tree).value
    assert plain(merge(nodes({}), nodes(tree))) == plain(nodes(tree))
    assert plain(merge(nodes(tree), nodes(tree))) == plain(nodes(tree))


@given(TREES, TREES)
def test_every_value_of_the_later_file_counts(base: dict[str, object], over: dict[str, object]) -> None:
    merged = leaves(plain(merge(nodes(base), nodes(over))))
    for path, value in leaves(plain(nodes(over))).items():
        assert merged.get(path) == value


@given(TREES, TREES)
def test_a_value_that_the_later_file_does_not_touch_stays(
    base: dict[str, object], over: dict[str, object]
) -> None:
    merged = leaves(plain(merge(nodes(base), nodes(over))))
    touched = [*leaves(over), *empty_mappings(over)]
    for path, value in leaves(plain(nodes(base))).items():
        if not any(path[: len(there)] == there or there[: len(path)] == path for there in touched):
            assert merged.get(path) == value


@given(TREES, KEYS)
def test_null_clears_whatever_stood_there(base: dict[str, object], key: str) -> None:
    cleared = plain(merge(nodes(base), nodes({key: None})))
    assert isinstance(cleared, dict)
    assert key not in cleared


@given(TREES, TREES)
def test_a_merged_value_keeps_the_place_where_it_was_written(
    base: dict[str, object], over: dict[str, object]
) -> None:
    merged = merge(nodes(base, "base"), nodes(over, "over"))
    assert isinstance(merged.value, dict)
    for key, node in merged.value.items():
        assert node.file == ("over" if key in over else "base")


def test_a_user_changes_one_key_and_keeps_the_rest(users) -> None:
    catalog = users("providers: {groq: {base_url: https://proxy.example/v1}}\n")
    target = catalog.target("groq")
    assert target.base_url == "https://proxy.example/v1"
    assert target.model_id == "openai/gpt-oss-120b"
    assert target.api_key_env == ("GROQ_API_KEY",)


def test_lists_are_replaced_and_mappings_are_merged(users) -> None:
    catalog = users(
        "providers:\n  groq:\n    api_key_env: [MY_GROQ]\n"
        "    models: {gpt-oss-120b: {price: {output: 0.5}}}\n"
    )
    target = catalog.target("groq")
    assert target.api_key_env == ("MY_GROQ",)
    assert target.price is not None
    assert (target.price.input, target.price.output) == (0.15, 0.5)


def test_null_removes_a_provider_a_key_and_a_price(users) -> None:
    catalog = users(
        "providers:\n  groq: null\n  cerebras: {quirks: null, models: {gpt-oss-120b: {price: null}}}\n"
        "  vllm: {api_key_env: null, base_url: http://gpu.example:8000/v1}\n"
    )
    assert catalog.problems == ()
    assert "groq" not in catalog.providers
    assert catalog.target("cerebras").price is None
    assert catalog.target("cerebras").quirks.max_tokens_field == "max_tokens"
    assert catalog.target("vllm").api_key_env == ()


def test_the_file_of_the_command_line_wins_over_the_users(users) -> None:
    catalog = users(
        "providers: {groq: {name: Mine, notes: kept}}\n", extra="providers: {groq: {name: Extra}}\n"
    )
    assert catalog.providers["groq"].name == "Extra"
    assert catalog.providers["groq"].notes == "kept"


def test_a_users_mistake_names_the_users_file_and_its_line(users, tmp_path: Path) -> None:
    catalog = users("providers:\n  groq:\n    base_urll: https://proxy.example/v1\n")
    assert [str(problem) for problem in catalog.problems] == [
        f'{tmp_path / "mine.yaml"}:3: provider "groq": unknown key "base_urll"; did you mean "base_url"?'
    ]
    assert "groq" not in catalog.providers
    assert "cerebras" in catalog.providers


def test_a_users_plain_value_takes_a_variable_away_from_the_environment(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("providers: {bedrock: {variables: {region: eu-west-1}}}\n")
    catalog = load_catalog(user=mine, environ={"AWS_REGION": "us-west-2"})
    assert catalog.target("bedrock").variables == {"region": "eu-west-1"}


def test_the_users_file_stands_in_the_config_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = user_catalog_path()
    assert path.name == "providers.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("providers: {groq: {name: Mine}}\n")
    assert load_catalog().providers["groq"].name == "Mine"


def test_a_catalog_alone_knows_nothing_of_the_shipped_one(only) -> None:
    catalog = only("version: 1\nproviders: {a: {name: A, base_url: https://a.example}}\n")
    assert list(catalog.providers) == ["a"]
    assert catalog.models == {}
