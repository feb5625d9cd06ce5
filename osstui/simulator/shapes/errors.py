"""Error bodies, one function for every shape seen in the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from osstui.simulator.hosts import ErrorForm, Host
from osstui.simulator.shapes.base import Refused

_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 402: "insufficient_quota",
    403: "permission_error", 404: "not_found_error", 413: "request_too_large",
    422: "invalid_request_error", 429: "rate_limit_error",
    500: "server_error", 502: "server_error", 503: "overloaded_error", 529: "overloaded_error",
}  # fmt: skip
_CODES = {
    400: "invalid_request", 401: "invalid_api_key", 402: "insufficient_credits", 403: "forbidden",
    404: "model_not_found", 413: "rate_limit_exceeded", 429: "rate_limit_exceeded", 500: "internal_error",
    503: "service_unavailable", 529: "overloaded",
}  # fmt: skip
_NOVITA = {
    400: "INVALID_REQUEST_BODY", 401: "INVALID_API_KEY", 402: "NOT_ENOUGH_BALANCE",
    403: "NOT_ENOUGH_BALANCE", 404: "MODEL_NOT_FOUND",
    429: "RATE_LIMIT_EXCEEDED", 500: "MODEL_NOT_AVAILABLE", 503: "MODEL_NOT_AVAILABLE",
}  # fmt: skip
_GOOGLE = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip

MESSAGES = {
    400: "The request is malformed.",
    401: "Invalid API Key",
    402: "Insufficient credits for this request.",
    403: "Access to this model is not allowed from your account or region.",
    404: "The model does not exist or you do not have access to it.",
    413: "Request too large for this model: the limit of tokens per minute is exceeded.",
    429: "Rate limit reached. Please try again later.",
    500: "Internal server error.",
    503: "The model is overloaded. Please try again later.",
    529: "Overloaded",
}
"""What each status says unless something more exact is known."""


def kind_of(status: int) -> str:
    return _TYPES.get(status, "server_error")


def _openai(status: int, e: Refused, _id: str) -> Any:
    kind = "tokens" if status == 413 else kind_of(status)
    return {
        "error": {"message": e.message, "type": kind, "param": e.param, "code": e.code or _CODES.get(status)}
    }


def _openrouter(status: int, e: Refused, _id: str) -> Any:
    raw = msgspec.json.encode({"error": e.message}).decode()
    metadata = {"provider_name": "Simulated", "raw": raw}
    return {"error": {"code": status, "message": e.message, "metadata": metadata}, "user_id": "user_sim"}


_FORMS: dict[ErrorForm, Callable[[int, Refused, str], Any]] = {
    "openai": _openai,
    "openrouter": _openrouter,
    "google": lambda status, e, _id: [
        {"error": {"code": status, "message": e.message, "status": _GOOGLE.get(status, "UNKNOWN")}}
    ],
    "llamacpp": lambda status, e, _id: {
        "error": {"code": status, "message": e.message, "type": kind_of(status)}
    },
    "fireworks": lambda status, e, request_id: {
        "error": {
            "message": e.message, "param": e.param, "type": "error",
            "code": (e.code or kind_of(status)).upper(),
        },
        "request_id": request_id,
    },
    "novita": lambda status, e, _id: {
        "code": status, "reason": _NOVITA.get(status, "INTERNAL_ERROR"), "message": e.message,
    },
    "detail": lambda _status, e, _id: {"detail": e.message},
    "detail-list": lambda _status, e, _id: {
        "detail": [{"loc": ["body", e.param or "messages"], "msg": e.message, "type": "value_error"}]
    },
    "string": lambda _status, e, _id: {"error": e.message},
    "object": lambda status, e, _id: {
        "object": "error", "message": e.message, "type": kind_of(status), "param": e.param, "code": status,
    },
    "code-message": lambda status, e, _id: {"code": status * 100, "message": e.message, "data": None},
    "cerebras": lambda status, e, _id: {
        "message": e.message, "type": kind_of(status), "param": e.param or "",
        "code": e.code or _CODES.get(status, "error"),
    },
    "modelslab": lambda _status, e, _id: {"status": "error", "message": e.message},
    "parasail": _openai,
    "anthropic": lambda status, e, request_id: {
        "type": "error", "error": {"type": kind_of(status), "message": e.message}, "request_id": request_id,
    },
}  # fmt: skip


def error_response(form: ErrorForm, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
    """Status, body and content type.

    Two hosts stand out: ModelsLab answers client errors with HTTP 200, Parasail a wrong key with plain text.
    """
    status = refused.status
    if form == "parasail" and status == 401:
        return status, b"Unauthorized. Invalid token format.", "text/plain"
    body = msgspec.json.encode(_FORMS[form](status, refused, request_id))
    if form == "modelslab" and status < 429:
        status = 200
    return status, body, "application/json"


def host_error(host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
    return error_response(host.errors, refused, request_id)
