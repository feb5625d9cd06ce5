"""Which runs are meant, of all that the history holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Only:
    """Runs for which all that is given holds."""

    tag: str | None = None
    """Of the conversation."""
    pinned: bool | None = None
    """The conversation is, or isn't."""
    since: float | None = None
    """Started then or later: Unix time in seconds."""
    lane: str | None = None
    """One of its lanes is called so, or leads to that provider, `provider:model` or model."""

    @property
    def condition(self) -> tuple[str, tuple[str | float, ...]]:
        """On turns joined with conversations, and its values."""
        found = [
            (_TAG, (self.tag,)),
            ("pinned = ?", (self.pinned,)),
            ("turns.started >= ?", (self.since,)),
            (_LANE, (self.lane,) * 4),
        ]
        wanted = [(where, values) for where, values in found if values[0] is not None]
        values = tuple(value for _, some in wanted for value in some if value is not None)
        return " AND ".join(where for where, _ in wanted) or "1", values


_TAG = "conversations.id IN (SELECT conversation FROM tags WHERE tag = ?)"
_LANE = """EXISTS (SELECT 1 FROM lanes WHERE turn = turns.id
    AND (lane = ? OR provider = ? OR model = ? OR provider || ':' || model = ?))"""

EVERY = Only()
