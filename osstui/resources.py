"""Where the files that ship beside the package stand: `providers.yaml` and `themes/`."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The path of a shipped file or folder, such as `providers.yaml` or `themes`.

    A wheel carries them in `osstui/data/`; in a checkout and an editable install they stand at the
    repository's root, beside the package. Raises FileNotFoundError when neither place has it.
    """
    for folder in (_PACKAGE / "data", _PACKAGE.parent):
        if (path := folder / name).exists():
            return path
    raise FileNotFoundError(f"{name} is missing from this installation of osstui; install it again")
