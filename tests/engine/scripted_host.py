"""A host whose every byte is scripted: raw TCP on loopback, one script a request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Self

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing is ever expected to take this long."""


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire. `connection` counts from 1, in order of arrival."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> dict[str, object]:
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


class Peer:
    """The host's end of one connection while it answers one request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked) -> None:
        self.asked = asked
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        """Each part in a write of its own."""
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    async def gone(self) -> None:
        """Returns when the client has closed or reset its end."""
        with contextlib.suppress(OSError):
            while await self._reader.read(65536):
                pass

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """RST instead of FIN."""
        reset(self._writer)


Script = Callable[[Peer], Awaitable[None]]


def reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def says(*parts: bytes, close: bool = False) -> Script:
    """A script that sends these bytes, each part in its own write, and closes if told to."""

    async def script(peer: Peer) -> None:
        await peer.send(*parts)
        if close:
            peer.close()

    return script


class Host:
    """The nth request gets the nth script; the last one serves all that follow."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self._scripts = scripts
        self._tls = tls
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._name}:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        connection = self.connections
        try:
            while (asked := await _read(reader, connection)) is not None:
                self.asked.append(asked)
                script = self._scripts[min(len(self.asked), len(self._scripts)) - 1]
                await script(Peer(reader, writer, asked))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()


async def _read(reader: asyncio.StreamReader, connection: int) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body, connection)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(handler: Handler, receive_buffer: int | None = None) -> AsyncIterator[int]:
    """A bare TCP server, a call of `handler` each connection; its port. Leaves nothing open behind."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()

    with socket.socket() as listener:
        if receive_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listener.bind(("127.0.0.1", 0))
        server = await asyncio.start_server(serve, sock=listener)
        try:
            yield listener.getsockname()[1]
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


# Answers


def head(status: str = "200 OK", kind: str = "text/event-stream", **headers: str) -> bytes:
    """Status line and headers; `_` in a header's name stands for `-`."""
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def whole(body: bytes, status: str = "200 OK", kind: str = "text/event-stream", **headers: str) -> bytes:
    """A response with Content-Length."""
    return head(status, kind, **headers, content_length=str(len(body))) + body


def chunked(*parts: bytes) -> list[bytes]:
    """The parts as chunks of a chunked body, the last chunk included."""
    return [b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part] + [b"0\r\n\r\n"]


def data(*values: object) -> bytes:
    """Server-sent events, one a value; a string goes as it is."""
    texts = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)
    return b"".join(f"data: {text}\n\n".encode() for text in texts)


def delta(**fields: object) -> dict[str, object]:
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": fields}]}


def finish(reason: str = "stop", **fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}], **fields}


def usage(prompt: int, completion: int, **fields: object) -> dict[str, object]:
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **fields}}


def answer(*words: str, reasoning: Iterable[str] = ()) -> bytes:
    """A complete stream that says these words."""
    thoughts = [delta(reasoning=thought) for thought in reasoning]
    pieces = [delta(content=word) for word in words]
    return data(delta(role="assistant", content=""), *thoughts, *pieces, finish(), usage(20, 12), "[DONE]")


def error(message: str, status: str, **headers: str) -> bytes:
    body = json.dumps({"error": {"message": message, "type": "made_up"}}).encode()
    return whole(body, status, "application/json", **headers)
