from collections.abc import Callable
from pathlib import Path

import pytest

from osstui.catalog import Catalog, load_catalog

Write = Callable[..., Catalog]


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """The place of a user's file that doesn't exist."""
    return tmp_path / "absent" / "providers.yaml"


@pytest.fixture
def shipped(nobody: Path) -> Catalog:
    return load_catalog(user=nobody, environ={})


@pytest.fixture
def only(tmp_path: Path) -> Write:
    """A catalog of one file with this text."""

    def write(text: str, **environ: str) -> Catalog:
        path = tmp_path / "providers.yaml"
        path.write_text(text, encoding="utf-8")
        return load_catalog(only=path, environ=environ)

    return write


@pytest.fixture
def users(tmp_path: Path) -> Write:
    """The shipped catalog with a user's file of this text laid over it."""

    def write(text: str, extra: str | None = None) -> Catalog:
        mine, more = tmp_path / "mine.yaml", tmp_path / "extra.yaml"
        mine.write_text(text, encoding="utf-8")
        if extra is not None:
            more.write_text(extra, encoding="utf-8")
        return load_catalog(user=mine, extra=more if extra is not None else None, environ={})

    return write
