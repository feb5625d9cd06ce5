"""A small client for the simulated hosts: one request, everything that came back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    raw: bytes
    broken: bool
    """The connection broke before the body was over."""

    @property
    def document(self) -> Any:
        return json.loads(self.raw)

    @property
    def data(self) -> list[str]:
        """What stands behind each `data:`."""
        lines = self.raw.decode().lstrip("\ufeff").replace("\r\n", "\n").split("\n")
        return [line[5:].strip() for line in lines if line.startswith("data:")]

    @property
    def chunks(self) -> list[Any]:
        return [json.loads(data) for data in self.data if data != "[DONE]"]

    @property
    def deltas(self) -> list[Any]:
        return [chunk["choices"][0]["delta"] for chunk in self.chunks if chunk.get("choices")]

    @property
    def finishes(self) -> list[str]:
        choices = [chunk["choices"][0] for chunk in self.chunks if chunk.get("choices")]
        return [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]

    @property
    def usages(self) -> list[Any]:
        return [chunk["usage"] for chunk in self.chunks if chunk.get("usage")]

    def joined(self, field: str) -> str:
        return "".join(delta.get(field) or "" for delta in self.deltas)


def body(prompt: str, **fields: Any) -> dict[str, Any]:
    message = {"role": "user", "content": prompt}
    usage = {"include_usage": True}
    return {"model": "m", "stream": True, "stream_options": usage, "messages": [message], **fields}


async def ask(
    url: str,
    provider: str,
    prompt: str,
    *,
    sim: str = "",
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> Reply:
    """Asks one host over a fresh connection; a field of None is left out."""
    sent = {key: value for key, value in body(prompt, **fields).items() if value is not None}
    return await post(f"{url}/{provider}/v1/chat/completions", sent, {"x-sim": sim, **(headers or {})})


async def post(address: str, sent: Any, headers: dict[str, str]) -> Reply:
    broken = False
    raw = bytearray()
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, json=sent, headers=headers) as response,
    ):
        try:
            async for part in response.content.iter_any():
                raw += part
        except (aiohttp.ClientPayloadError, ConnectionResetError):
            broken = True
        got = {key.lower(): value for key, value in response.headers.items()}
        return Reply(response.status, got, bytes(raw), broken)


async def get(url: str, **headers: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.json()


async def truth(url: str, request_id: str) -> Any:
    return (await get(f"{url}/__truth?id={request_id}"))[1]
