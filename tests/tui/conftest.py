from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty: where exports go."""
    exports = tmp_path / "exports"
    exports.mkdir()
    monkeypatch.chdir(exports)
    return exports
