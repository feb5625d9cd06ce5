"""How an answer's tokens are cut into the chunks that the host sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from osstui.simulator.hosts import Host
from osstui.simulator.shapes.base import Chunk, Kind
from osstui.simulator.tokens import Piece
from osstui.simulator.wishes import Wishes

_LEAKED = ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>")


def in_chunks(kind: Kind, pieces: list[Piece], host: Host, wishes: Wishes) -> list[Chunk]:
    """As many tokens a chunk as the host sends, or as many characters as are wished for."""
    if wishes.chars is not None:
        return list(_by_chars(kind, pieces, wishes.chars))
    return list(_by_tokens(kind, pieces, host.tokens_per_chunk))


def _by_tokens(kind: Kind, pieces: Iterable[Piece], size: int) -> Iterator[Chunk]:
    texts: list[str] = []
    held = 0
    for piece in pieces:
        texts.append(piece.text)
        held += piece.tokens
        if held >= size:
            yield Chunk(kind, "".join(texts), held)
            texts, held = [], 0
    if texts:
        yield Chunk(kind, "".join(texts), held)


def _by_chars(kind: Kind, pieces: list[Piece], size: int) -> Iterator[Chunk]:
    text = "".join(piece.text for piece in pieces)
    ends: list[tuple[int, int]] = []
    place = 0
    for piece in pieces:
        place += len(piece.text)
        ends.append((place, piece.tokens))
    ends.reverse()
    for start in range(0, len(text), size):
        held = 0
        while ends and ends[-1][0] <= start + size:
            held += ends.pop()[1]
        yield Chunk(kind, text[start : start + size], held)


def tool_chunks(pieces: list[Piece], host: Host, wishes: Wishes) -> list[Chunk]:
    """A call's arguments: whole, or in pieces."""
    whole = wishes.has("tools_whole") or (host.tools_whole and not wishes.has("tools_pieces"))
    if whole and pieces:
        return [Chunk("tool", "".join(p.text for p in pieces), sum(p.tokens for p in pieces))]
    return in_chunks("tool", pieces, host, wishes)


def leaking(thinking: list[Chunk], wishes: Wishes) -> list[Chunk]:
    """Reasoning that stands in the content, between think tags or harmony markers, where a fault wants it."""
    if not (wishes.has("think_tags") or wishes.has("leak_markers")):
        return thinking
    inside = [Chunk("text", chunk.text, chunk.tokens) for chunk in thinking]
    if wishes.has("think_tags"):
        opening, closing = (
            [Chunk("text", t, 0) for t in ("<thi", "nk>")],
            [Chunk("text", t, 0) for t in ("</", "think>\n\n")],
        )
        return [*opening, *inside, *closing]
    return [Chunk("text", _LEAKED[0], 0), *inside, Chunk("text", _LEAKED[1], 0)]
