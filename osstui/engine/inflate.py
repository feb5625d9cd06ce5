"""Undoing a Content-Encoding that was sent although `identity` was asked for."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

MAX_INFLATED_BYTES = 4 * 1024 * 1024
"""Most that a slice of a compressed body (`wire.SLICE_BYTES`) may unpack to; five hundredfold is no text."""


class BodyError(ValueError):
    """The body can't be read as what it says it is."""


def inflater_for(headers: Mapping[str, str]) -> Inflater | None:
    """What the body needs; header names in lower case. Raises BodyError for an unknown encoding."""
    encoding = headers.get("content-encoding", "").strip().lower()
    return None if encoding in ("", "identity") else Inflater(encoding)


class Inflater:
    """Unpacks gzip and deflate as they come. Raises BodyError."""

    def __init__(self, encoding: str) -> None:
        if encoding not in ("gzip", "x-gzip", "deflate"):
            named = repr(encoding) if len(encoding) <= 20 else "something unknown"
            raise BodyError(f"the answer is compressed as {named}, which was not asked for")
        self._wbits = zlib.MAX_WBITS if encoding == "deflate" else 47
        self._inflate = zlib.decompressobj(wbits=self._wbits)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        plain = b""
        while data:
            plain += self._inflated(data, MAX_INFLATED_BYTES - len(plain))
            if not (data := self._inflate.unused_data):
                break
            self._inflate = zlib.decompressobj(wbits=self._wbits)  # RFC 1952: gzip members may follow
        return plain

    def _inflated(self, data: bytes, limit: int) -> bytes:
        try:
            plain = self._inflate.decompress(data, max(1, limit))
        except zlib.error as error:
            if self._begun or self._wbits != zlib.MAX_WBITS:
                raise BodyError(f"the compressed answer is broken: {error}") from None
            # RFC 9110 §8.4.1.2: some send deflate without the zlib format around it.
            self._wbits = -zlib.MAX_WBITS
            self._inflate = zlib.decompressobj(wbits=self._wbits)
            return self._inflated(data, limit)
        self._begun = True
        if self._inflate.unconsumed_tail:
            raise BodyError(f"one read of the answer unpacks to more than {MAX_INFLATED_BYTES} bytes")
        return plain
