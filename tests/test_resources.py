import pytest

import osstui.resources
from osstui.resources import resource


def test_a_checkout_finds_what_stands_beside_the_package() -> None:
    assert resource("providers.yaml").read_text(encoding="utf-8").startswith("#")
    assert resource("themes").is_dir()


def test_a_wheel_finds_it_inside_the_package(tmp_path, monkeypatch) -> None:
    package = tmp_path / "osstui"
    (package / "data").mkdir(parents=True)
    (package / "data" / "providers.yaml").write_text("version: 1\n")
    monkeypatch.setattr(osstui.resources, "_PACKAGE", package)
    assert resource("providers.yaml") == package / "data" / "providers.yaml"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"^nothing\.yaml is missing from this installation"):
        resource("nothing.yaml")
