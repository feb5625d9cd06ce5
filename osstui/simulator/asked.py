"""What a request asks for, and whether the host is wished to refuse it."""

from __future__ import annotations

import msgspec

from osstui.simulator.lies import forgive
from osstui.simulator.shapes.base import Ask, Refused, Shape
from osstui.simulator.shapes.errors import MESSAGES
from osstui.simulator.wishes import Wishes

NOWHERE = "no-such-model"
"""A model whose id holds this does not exist; every other id is taken for gpt-oss-120b."""


def read(shape: Shape, raw: bytes, *, forgiving: bool = False) -> Ask:
    """The request in the body. Raises Refused (400), also for fields of a type that nobody expects."""
    try:
        body = msgspec.json.decode(raw, type=dict[str, object])
        return shape.read(forgive(body) if forgiving else body)
    except msgspec.DecodeError as error:
        raise Refused(400, f"the body is not a JSON object: {error}") from None
    except (AttributeError, TypeError, ValueError) as error:
        raise Refused(400, f"a field of the body has the wrong type: {error}") from None


def check_faults(ask: Ask, wishes: Wishes) -> None:
    """Raises the Refused that a fault wants."""
    name = wishes.unsupported_param
    if wishes.has("unsupported_param") and name is not None and name in ask.body:
        message = f"Unsupported parameter: '{name}' is not supported with this model."
        raise Refused(400, message, code="unsupported_parameter", param=name)
    if NOWHERE in ask.model and not wishes.has("any_model"):
        raise Refused(404, f"The model `{ask.model}` does not exist.", code="model_not_found", param="model")
    if wishes.status is not None:
        raise Refused(wishes.status, MESSAGES[wishes.status])
