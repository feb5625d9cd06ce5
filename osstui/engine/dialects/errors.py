"""Error bodies in all the shapes that hosts send."""

from __future__ import annotations

import re
from html import unescape

import msgspec

from osstui.engine.dialects.base import HostError

MAX_MESSAGE = 600


def host_error(body: bytes) -> HostError:
    """The message, status and code of an error body; never raises. An empty body gives an empty message."""
    try:
        return _read(msgspec.json.decode(body))
    except (ValueError, RecursionError):
        return HostError(_plain(body.decode("utf-8", "replace")))


def not_an_answer(body: bytes) -> HostError:
    """The error that JSON stands for which came in the place of an answer; its message is never empty."""
    error = host_error(body)
    if error.message:
        return error
    start = " ".join(body[:200].decode("utf-8", "replace").split())
    cut = "…" if len(body) > 200 else ""  # by which `redact` knows where the end of a key may be missing
    return HostError(f"the host sent JSON that is no answer: {start}{cut}", error.status, error.code)


def not_a_document(body: bytes) -> str:
    """What to say of a page or a text that came, with a good status, where an answer should."""
    said = _plain(body.decode("utf-8", "replace"))
    return f"{said} (is base_url right?)" if b"<" in body else said or "the host sent an empty answer"


def not_a_stream(body: bytes) -> str:
    """What to say of text that came where events should."""
    return f"the host sent text instead of a stream: {_plain(body.decode('utf-8', 'replace'))}"


def refusal(body: bytes) -> HostError:
    """The error of an answer whose status says that it is one: JSON in an unknown shape is quoted."""
    error = host_error(body)
    if error.message or len(body) < 3:
        return error
    return HostError(_plain(body.decode("utf-8", "replace")), error.status, error.code)


def _read(value: object) -> HostError:
    if isinstance(value, list):
        first = value[0] if value else None
        return _read(first)
    if not isinstance(value, dict):
        return HostError(_plain(value if isinstance(value, str) else ""))
    error = value.get("error")
    if isinstance(error, dict):
        return _fields(error, outer=value)
    if isinstance(error, str) and error:
        return _fields({"message": error, **{k: v for k, v in value.items() if k != "error"}}, outer=value)
    return _fields(value, outer=value)


def _fields(error: dict[str, object], outer: dict[str, object]) -> HostError:
    code = error.get("code") or error.get("reason") or error.get("type") or ""
    message = _message(error)
    raw = error.get("metadata")
    if isinstance(raw, dict) and isinstance(raw.get("raw"), str):
        message = f"{message}: {raw['raw']}" if message else str(raw["raw"])
    status = _status(error) or _status(outer)
    param = error.get("param")
    if isinstance(param, str) and message and param not in message:
        message = f"{message} (param: {param})"
    return HostError(_plain(message), status, str(code))


def _message(error: dict[str, object]) -> str:
    for name in ("message", "detail", "description", "msg", "title"):
        value = error.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list):
            return "; ".join(_validation(part) for part in value[:5])
        if isinstance(value, dict):
            return _message(value) or _by_field(value)
    nested = error.get("status")
    return _message(nested) if isinstance(nested, dict) else ""


def _by_field(complaints: dict[str, object]) -> str:
    """ModelsLab's `{"model_id": ["The model_id field is required."]}`."""
    said = [(name, what[0] if isinstance(what, list) and what else what) for name, what in complaints.items()]
    return "; ".join(f"{name}: {what}" for name, what in said[:5] if isinstance(what, str))


def _validation(part: object) -> str:
    """One entry of FastAPI's `detail` list: where and what."""
    if not isinstance(part, dict):
        return str(part)
    location = part.get("loc")
    where = ".".join(str(step) for step in location) if isinstance(location, list) else ""
    what = str(part.get("msg") or "")
    return f"{where}: {what}" if where else what


def _status(fields: dict[str, object]) -> int | None:
    for name in ("status_code", "status", "code"):
        value = fields.get(name)
        if isinstance(value, str) and re.fullmatch("[45][0-9]{2}", value):
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


def _plain(text: str) -> str:
    """One line of readable text; of a web page its title or first words."""
    if "<" in text and re.search(r"<(?:!doctype|html|head|body)\b", text, re.IGNORECASE):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        page = title.group(1) if title else re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", text, flags=re.S)
        text = f"a web page instead of an answer: {unescape(page).strip()}"
    text = " ".join(text.split())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
