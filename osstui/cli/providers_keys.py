"""`osstui providers --keys`: the keys to get, best first, and the line that sets each."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from osstui.catalog.first_run import first_run
from osstui.catalog.shells import shell_of
from osstui.cli.output import Stdout, json_document
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.first_run import FirstRun
    from osstui.surroundings import Surroundings


def print_keys(catalog: Catalog, around: Surroundings, model: str, as_json: bool) -> None:
    shell = shell_of(os.environ, windows=sys.platform == "win32")
    found = first_run(catalog, around.keys, list(around.servers.values()), model=model, shell=shell)
    if as_json:
        Stdout().write(json_document({"v": 1, "model": model, **asdict(found)}))
    else:
        Stdout().write("".join(f"{visible_line(line)}\n" for line in _key_lines(found)))


def _key_lines(found: FirstRun) -> list[str]:
    lines = []
    for key in found.keys:
        figures = [
            f"${key.blended:.4g} per 1M tokens" if key.blended is not None else "",
            f"{key.output_tps:,.0f} tok/s" if key.output_tps is not None else "",
        ]
        what = ", ".join([*key.providers, *filter(None, figures)])
        needs = "" if key.present or key.source.isupper() else f", needs {key.source}"
        todo = "; ".join(key.lines) or ("✓ " if key.present else "") + key.source
        lines.append(f"{todo}  # {what}{needs}")
    lines += [
        f"# {provider} answers here: {', '.join(models[:5]) or 'it lists no model'}"
        for provider, models in found.servers
    ]
    return lines
