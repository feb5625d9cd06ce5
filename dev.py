#!/usr/bin/env python3
"""Sets osstui up from a fresh clone with nothing but Python 3.11 or newer and its venv module.

    python3 dev.py app  [ARGS]   set up, then open osstui (any osstui arguments may follow)
    python3 dev.py test [ARGS]   set up with the development tools, then check and test everything;
                                 with ARGS only pytest runs, with them

The environment is made in .venv beside this file and made again when pyproject.toml has changed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "tests": ["pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"],
}


def main() -> int:
    command, *arguments = sys.argv[1:] or ["help"]
    if command not in ("app", "test"):
        print(__doc__)
        return 0 if command in ("help", "-h", "--help") else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one reads it here
        sys.exit(f"osstui needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    try:
        set_up(with_tools=command == "test")
    except (ImportError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(
            f"osstui: {ENVIRONMENT} can't be set up ({error}); it takes Python's venv module and pip's index"
        )
    if command == "test":
        return run_checks(arguments)
    return subprocess.call([PYTHON, "-m", "osstui", *arguments])


def run_checks(arguments: list[str]) -> int:
    """Every check runs even if an earlier one failed, so that one run tells all."""
    checks = {"tests": ["pytest", *arguments]} if arguments else CHECKS
    failed = []
    for name, (program, *options) in checks.items():
        print(f"── {name}", flush=True)
        if subprocess.call([BIN / program, *options], cwd=ROOT):
            failed.append(name)
    print(f"── failed: {', '.join(failed)}" if failed else "── all passed")
    return 1 if failed else 0


def set_up(*, with_tools: bool) -> None:
    """Raises ImportError without the venv module, CalledProcessError when pip or ensurepip fails."""
    import tomllib  # not at the top: Python 3.10 shall get as far as `main`
    import venv

    project = (ROOT / "pyproject.toml").read_bytes()
    wanted = hashlib.sha256(project + sys.version.encode()).hexdigest()
    mark = ENVIRONMENT / ("ready-with-tools" if with_tools else "ready")
    if mark.exists() and mark.read_text() == wanted and PYTHON.exists():
        return
    print("osstui: setting up .venv (a minute, once) …", flush=True)
    if not made_by_this_python():
        venv.create(ENVIRONMENT, with_pip=True, clear=True, symlinks=os.name != "nt")
    install("-e", str(ROOT))
    (ENVIRONMENT / "ready").write_text(wanted)
    if with_tools:
        groups = tomllib.loads(project.decode())["dependency-groups"]
        install(*groups["dev"])
        mark.write_text(wanted)


def made_by_this_python() -> bool:
    """Whether the environment was made to its end, and by a Python of this version."""
    config = ENVIRONMENT / "pyvenv.cfg"
    if not (PYTHON.exists() and config.exists() and (ENVIRONMENT / "ready").exists()):
        return False
    return f"version = {platform.python_version()}" in config.read_text().splitlines()


def install(*what: str) -> None:
    options = ["--quiet", "--disable-pip-version-check"]
    subprocess.check_call([PYTHON, "-m", "pip", "install", *options, *what], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
