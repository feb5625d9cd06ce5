"""The run as the `--json` document."""

from __future__ import annotations

import json

from osstui.store.export import Past


def write(past: Past) -> str:
    return json.dumps(past.document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
