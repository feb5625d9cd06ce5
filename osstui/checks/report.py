"""The matrix as documents: the `--json` document, JUnit XML, and what changed since an earlier one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from osstui import __version__
from osstui.checks.exchange import Observation
from osstui.checks.run import Cell, HostReport
from osstui.job import Target
from osstui.measure.metrics import ttft
from osstui.safe_text import visible

VERSION = 1
MAX_TEXT = 300
MAX_SHOWN = 3
_WORSE = {"pass": 0, "n/a": 0, "warn": 1, "fail": 2}
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(reports: Iterable[HostReport], started_at: str, cost_usd: float) -> dict[str, Any]:
    """The `--json` document. `started_at`: RFC 3339, UTC; costs in US$, times in ms."""
    return {
        "v": VERSION,
        "started_at": started_at,
        "osstui": __version__,
        "cost_usd": cost_usd,
        "lanes": [_lane(report) for report in reports],
    }


def _lane(report: HostReport) -> dict[str, Any]:
    return {
        "lane": report.lane,
        "provider": report.target.provider,
        "model": report.target.model,
        "model_id": report.target.model_id,
        "verdict": report.verdict,
        "checks": [cell_document(cell) for cell in report.ordered],
    }


def cell_document(cell: Cell) -> dict[str, Any]:
    """One check at one host, with its evidence."""
    verdict = cell.verdict
    return {
        "check": cell.check.id,
        "group": cell.check.group,
        "level": cell.check.level,
        "result": verdict.result,
        "reason": visible(" ".join(verdict.reason.split()))[:MAX_TEXT],
        "evidence": {
            **{name: _clipped(value) for name, value in verdict.numbers.items()},
            "exchanges": [exchange(seen) for seen in verdict.show[:MAX_SHOWN]],
        },
        "ms": round(cell.ms, 3),
        "cost_usd": cell.cost_usd,
        "requests": cell.requests,
    }


def exchange(seen: Observation) -> dict[str, Any]:
    """What was asked and what came back, clipped, without any key."""
    lane = seen.lane
    opened, ended, error, usage = lane.opened, lane.ended, lane.error, lane.usage
    out: dict[str, Any] = {
        "request": _clipped(dict(seen.request)),
        "wrong_key": seen.probe.wrong_key or None,
        "status": seen.status,
        "http_version": opened.http_version if opened else None,
        "request_id": opened.request_id if opened else None,
        "text": _clipped(lane.text),
        "reasoning": _clipped(lane.reasoning),
        "tool_calls": [
            {"name": call.name, "arguments": _clipped(call.arguments)} for call in seen.calls[:8]
        ],
        "finish_reason": ended.finish_reason if ended else None,
        "notes": [_clipped(note.message) for note in seen.notes[:8]],
        "model": ended.model if ended else None,
        "usage": None if usage is None else {
            "input": usage.input, "output": usage.output, "reasoning": usage.reasoning,
            "cached": usage.cached, "cost_usd": usage.cost_usd,
        },
        "ttft_ms": ttft(lane),
        "ms": (lane.t_end or 0) / 1e6,
        "error": None if error is None else {
            "kind": error.kind, "status": error.status, "message": _clipped(error.message),
            "body": _clipped(error.body),
        },
    }  # fmt: skip
    return {name: value for name, value in out.items() if value not in (None, "", [])}


def _clipped(value: Any) -> Any:
    """The value with long texts and long lists cut."""
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}… (+{len(value) - MAX_TEXT})"
    if isinstance(value, Mapping):
        return {str(name): _clipped(part) for name, part in list(value.items())[:32]}
    if isinstance(value, list | tuple):
        return [_clipped(part) for part in value[:32]]
    return value


def junit(reports: Iterable[HostReport], started_at: str) -> bytes:
    """JUnit XML that Ant's and Jenkins' schemas both take: a suite a lane, a case a check. N/a is skipped; a
    warning passes, and the suite's output says why."""
    root = Xml.Element("testsuites")
    for number, report in enumerate(reports):
        cells = report.ordered
        results = [cell.verdict.result for cell in cells]
        suite = Xml.SubElement(
            root, "testsuite", id=str(number), package="osstui.check", name=_xml(report.lane),
            hostname=_host_name(report.target), timestamp=started_at[:19], tests=str(len(results)),
            failures=str(results.count("fail")), skipped=str(results.count("n/a")), errors="0",
            time=f"{sum(cell.ms for cell in cells) / 1000:.3f}",
        )  # fmt: skip
        facts = Xml.SubElement(suite, "properties")
        for name in ("provider", "model", "model_id", "dialect"):
            Xml.SubElement(facts, "property", name=name, value=_xml(getattr(report.target, name)))
        for cell in cells:
            _case(suite, report.lane, cell)
        warnings = [cell for cell in cells if cell.verdict.result == "warn"]
        said = "\n".join(f"{cell.check.id}: {_xml(cell.verdict.reason)}" for cell in warnings)
        Xml.SubElement(suite, "system-out").text = said
        Xml.SubElement(suite, "system-err")
    Xml.indent(root)
    text: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _host_name(target: Target) -> str:
    try:
        return _xml(urlsplit(target.base_url).hostname or "localhost")
    except ValueError:
        return "localhost"


def _case(suite: Xml.Element, lane: str, cell: Cell) -> None:
    case = Xml.SubElement(
        suite, "testcase", classname=_xml(lane), name=cell.check.id, time=f"{cell.ms / 1000:.3f}"
    )
    reason = _xml(cell.verdict.reason)
    if cell.verdict.result == "fail":
        Xml.SubElement(case, "failure", type=cell.check.id, message=reason).text = reason
    elif cell.verdict.result == "n/a":
        Xml.SubElement(case, "skipped", message=reason)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", visible(text))


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Where a check's result differs between two documents, those that got worse first.

    Raises ValueError where `before` is no document of `osstui check --json`.
    """
    old, new = _results(before), _results(now)
    found = [
        {"lane": lane, "check": check, "was": old[lane, check]["result"], "now": cell["result"],
         "reason": cell["reason"]}
        for (lane, check), cell in new.items()
        if (lane, check) in old and old[lane, check]["result"] != cell["result"]
    ]  # fmt: skip
    return sorted(found, key=lambda change: _WORSE[change["was"]] - _WORSE[change["now"]])


def lanes_of(document: Mapping[str, Any]) -> set[str]:
    """The lanes that a document tells of."""
    return {lane for lane, _ in _results(document)}


def _results(document: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    try:
        return {
            (lane["lane"], cell["check"]): {"result": cell["result"], "reason": cell["reason"]}
            for lane in document["lanes"]
            for cell in lane["checks"]
            if cell["result"] in _WORSE
        }
    except (KeyError, TypeError):
        raise ValueError("it is no document of osstui check --json") from None
