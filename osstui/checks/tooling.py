"""Tools: calls with valid arguments, an answer that uses the result, forced and parallel calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host, Plan, failed, not_applicable, not_taken, passed, unanswered, warned
from osstui.job import CallSent, Message, Tool
from osstui.tools import call_problem


def _tool(name: str, description: str, required: tuple[str, ...] = (), **properties: Any) -> Tool:
    return Tool(name, description, {"type": "object", "properties": properties, "required": list(required)})


_TEXT = {"type": "string"}
WEATHER = _tool(
    "get_weather", "Current weather in a city", ("city",), city=_TEXT,
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)  # fmt: skip
CASES: tuple[tuple[Tool, str], ...] = (
    (_tool("get_system_health", "State of the system; takes no arguments"), "Is the system healthy?"),
    (
        _tool("detect_language", "Language of a text", ("text",), text=_TEXT),
        "Which language is “Où est la bibliothèque, s’il vous plaît ?”",
    ),
    (
        _tool(
            "generate_chart", "Draws a chart", ("kind", "points"),
            kind={"type": "string", "enum": ["bar", "line", "pie"]},
            points={
                "type": "array", "minItems": 1,
                "items": {
                    "type": "object", "required": ["label", "value"],
                    "properties": {"label": _TEXT, "value": {"type": "number"}},
                },
            },
        ),
        "Draw a bar chart with 3 for Monday and 5 for Tuesday.",
    ),
    (
        _tool(
            "query_database", "Runs a query", ("table",), table=_TEXT,
            limit={"type": "integer", "minimum": 1, "maximum": 100}, descending={"type": "boolean"},
        ),
        "Show me 7 rows of the table “orders”.",
    ),
    (WEATHER, "What is the weather in Zürich in celsius?"),
)  # fmt: skip
"""The tools of gpt-oss's compatibility test in a shorter form: no arguments, non-ASCII text, nested arrays
and an enum, optional arguments, and the plain case."""
CHOICES: dict[str, tuple[object, object]] = {
    "openai-chat": ("required", "none"),
    "openai-responses": ("required", "none"),
    "anthropic-messages": ({"type": "any"}, {"type": "none"}),
}
"""How each dialect's tool_choice forces a call and forbids one: the references of OpenAI and Anthropic;
Ollama's has none."""
TRIES = 3
RESULT = 17.3


def tools(host: Host) -> Plan:
    """A whole round: the weather tool is called with arguments that its schema validates and finish reason
    tool_calls; given the result, the answer names it. Passes when all of that holds, warns on another
    finish reason and on arguments that are no text although the dialect has them so, fails otherwise and
    says why: no call, UnknownName, InvalidJson, SchemaMismatch (OpenRouter's classes). Source: gpt-oss's
    compatibility test."""
    question = "What is the temperature in Zürich right now, in celsius? Use the tool."
    (called,) = yield [probe(question, tools=(WEATHER,))]
    if taken := not_taken(called, "tools", "tools", optional=not host.reasons):
        return taken
    if bad := unanswered([called]):
        return bad
    if wrong := fault(called, [WEATHER]):
        return failed(wrong, called)
    call = called.calls[0]
    sent = CallSent(call.id or "call_1", call.name, call.arguments)
    result = json.dumps({"temperature": RESULT, "unit": "celsius"})
    said = Message("assistant", "", calls=(sent,), sealed=called.lane.sealed)
    after = (said, Message("tool", result, answers=sent))
    (answered,) = yield [probe(question, tools=(WEATHER,), after=after)]
    if not answered.ok:
        return failed(f"called, but the result is not taken: {answered.trouble}", answered, called)
    if str(RESULT) not in answered.text.replace(",", "."):
        return failed("the answer does not use the tool's result", answered, called)
    if called.finish not in ("tool_calls", None):
        return warned(f"works, but the finish reason of the call is {called.finish}", called)
    if called.lane.ended is not None and called.lane.ended.traits.get("arguments") == "object":
        return warned("arguments come as a JSON object, not as text of JSON: other clients break", called)
    return passed(f"{call.name}({call.arguments}), and the answer uses its result", called, answered)


def tool_arguments(host: Host) -> Plan:
    """Five tools, three times each (streamed twice, whole once). Passes when every call is valid (pass^3),
    warns when every tool got a valid call but not each time, fails when one never did. A request that fails
    counts as a call that failed. Source: gpt-oss's compatibility test, without its defect of dropping
    errors from the statistics."""
    probes = [
        probe(question, tools=(tool,), take=take, stream=take != 2)
        for tool, question in CASES
        for take in range(TRIES)
    ]
    seen = yield probes
    if taken := not_taken(seen[0], "tools", "tools", optional=not host.reasons):
        return taken
    faults = [fault(one, [CASES[at // TRIES][0]]) for at, one in enumerate(seen)]
    bad = [one for one, wrong in zip(seen, faults, strict=True) if wrong]
    by_tool = [faults[at : at + TRIES] for at in range(0, len(faults), TRIES)]
    numbers = {
        "valid_calls": faults.count(None),
        "calls": len(faults),
        "pass_any": sum(None in one for one in by_tool),
        "pass_all": sum(not any(one) for one in by_tool),
        "tools": len(by_tool),
    }
    if not bad:
        return passed(f"{len(faults)} of {len(faults)} calls valid", **numbers)
    why = f"{len(bad)} of {len(faults)} calls invalid: {next(filter(None, faults))}"
    judge = failed if any(None not in one for one in by_tool) else warned
    return judge(why, *bad[:3], **numbers)


def tool_choice(host: Host) -> Plan:
    """Passes when `required` (Anthropic's `any`) forces a call although none is needed, `none` forbids one
    although it would help, and `required` without tools is refused with a 4xx. Warns when one of them is
    ignored. Source: Kimi-Vendor-Verifier's k3_features."""
    if host.target.dialect not in CHOICES:
        yield []
        return not_applicable(f"{host.target.dialect} has no tool_choice")
    force, forbid = CHOICES[host.target.dialect]
    forced, forbidden, impossible = yield [
        probe("Say hello to Zürich.", tools=(WEATHER,), body={"tool_choice": force}),
        probe("What is the weather in Zürich?", tools=(WEATHER,), body={"tool_choice": forbid}),
        probe("Say hello.", body={"tool_choice": force}, retries=0),
    ]
    if taken := not_taken(forced, "tool_choice", "tools", "tool_choice", optional=not host.reasons):
        return taken
    if bad := unanswered([forced, forbidden]):
        return bad
    if not forced.calls:
        return warned("`required` is ignored: no tool was called", forced)
    if wrong := fault(forced, [WEATHER]):
        return failed(f"`required` gives an invalid call: {wrong}", forced)
    if forbidden.calls:
        return warned("`none` is ignored: a tool was called", forbidden)
    if impossible.ok and not impossible.dropped("tool_choice"):
        return warned("`required` without tools is accepted", impossible)
    return passed("`required` and `none` are obeyed", forced, forbidden)


def parallel_tools(host: Host) -> Plan:
    """Passes when a question about two cities gives two valid calls at once. One valid call is not
    applicable: parallel calls are an offer that not every host makes. Fails on an invalid call. Source:
    OpenAI's parallel_tool_calls; the other dialects allow them unasked."""
    question = "What is the weather in Zürich and in Lisbon? Ask for both cities at once."
    body = {"parallel_tool_calls": True} if host.target.dialect.startswith("openai-") else {}
    (seen,) = yield [probe(question, tools=(WEATHER,), body=body)]
    if seen.unfit or (seen.dropped("tools", "parallel_tool_calls") and not seen.calls):
        why = f": {seen.trouble}" if seen.unfit else ""
        return not_applicable(f"the host does not take tools in parallel{why}", seen)
    if bad := unanswered([seen]):
        return bad
    if wrong := fault(seen, [WEATHER]):
        return failed(wrong, seen)
    if len(seen.calls) < 2:
        return not_applicable("one call at a time", seen)
    return passed(f"{len(seen.calls)} valid calls at once", seen)


def fault(seen: Observation, tools: Sequence[Tool]) -> str | None:
    """What is wrong with the calls of an answer, None if every one is valid and there is one."""
    if not seen.ok:
        return seen.trouble
    if not seen.calls:
        return "no tool was called"
    found = (call_problem(call.name, call.arguments, tools) for call in seen.calls)
    return next(filter(None, found), None)
