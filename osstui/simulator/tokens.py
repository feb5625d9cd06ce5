"""Real o200k_harmony tokens: counting, cutting text into token-aligned pieces, cutting text to a length.

The vocabulary is embedded in the `oss-harmony` package (module `openai_harmony`); nothing is downloaded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from openai_harmony import HarmonyEncoding, HarmonyEncodingName, HarmonyError, load_harmony_encoding

_LINES = re.compile(r"(?<=\n)(?=[^\s/])")
"""Where a text may be cut without changing its tokens: o200k's pre-tokenizer lets no token run over a line
end, except into white space or slashes. Lines recur, so that their tokens are remembered."""
_PADS = ("", ".", " so", " and so", " and so on", " and so on.", " and so on and")


class Piece(NamedTuple):
    """The shortest run of whole tokens that is valid UTF-8."""

    text: str
    tokens: int


@lru_cache(maxsize=1)
def encoding() -> HarmonyEncoding:
    """The encoding of gpt-oss; the first call takes about 0.4 s."""
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def encode(text: str) -> list[int]:
    """Token ids; text that looks like a special token is encoded as plain text."""
    ids: list[int] = encoding().encode(text, disallowed_special=())
    return ids


def count(text: str) -> int:
    return sum(length for _, length in map(_line, _LINES.split(text)))


def pieces(text: str) -> list[Piece]:
    """The text cut at token bounds; tokens that share a character stay in one piece.

    The texts join to the whole text, the token counts sum to `count(text)`.
    """
    return [piece for line in _LINES.split(text) for piece in _line(line)[0]]


def fit(text: str, tokens: int) -> str:
    """The beginning of a text, `tokens` long: exactly where a cut allows it, else the nearest below."""
    kept: list[str] = []
    for line in _LINES.split(text):
        length = _line(line)[1]
        if length > tokens:
            kept.append(_fit_line(line, tokens))
            break
        kept.append(line)
        tokens -= length
    return "".join(kept)


def _fit_line(line: str, tokens: int) -> str:
    """A cut may tokenise differently from the whole, so the result is counted again, and a filler word or two
    makes up for a token that a character was cut out of."""
    ids = encode(line)
    best = ""
    for keep in range(tokens, max(-1, tokens - 8), -1):
        prefix: str = encoding().decode(ids[:keep]).rstrip("\ufffd")
        for pad in _PADS:
            length = len(encode(prefix + pad))
            if length == tokens:
                return prefix + pad
            if length < tokens and not best:
                best = prefix + pad
    return best


@lru_cache(maxsize=16_384)
def _line(line: str) -> tuple[tuple[Piece, ...], int]:
    """The pieces of one line and its length in tokens."""
    out: list[Piece] = []
    pending: list[int] = []
    ids = encode(line)
    for token in ids:
        if not pending:
            alone = _alone(token)
            if alone is not None:
                out.append(Piece(alone, 1))
                continue
        pending.append(token)
        try:
            out.append(Piece(encoding().decode_utf8(pending), len(pending)))
        except (HarmonyError, UnicodeDecodeError):
            continue
        pending = []
    return tuple(out), len(ids)


@lru_cache(maxsize=65_536)
def _alone(token: int) -> str | None:
    """The text of one token, or None for a token that ends or begins within a character."""
    try:
        text: str = encoding().decode_utf8([token])
    except (HarmonyError, UnicodeDecodeError):
        return None
    return text
