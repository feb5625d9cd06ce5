"""The run as the `--json` document; a conversation as one object with the documents of its runs."""

from __future__ import annotations

import json
from typing import Any

from osstui.measure.document import VERSION
from osstui.store.export import Past, PastConversation


def write(past: Past) -> str:
    return _written(past.document)


def write_all(whole: PastConversation) -> str:
    return _written(plain(whole))


def plain(whole: PastConversation) -> dict[str, Any]:
    """The conversation as data. `turn` counts from 1; a run that asks again bears the number of what it
    repeats."""
    runs = [{"turn": turn} | run.document for turn, run in whole.runs]
    return {"v": VERSION, **whole.head, "runs": runs}


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
