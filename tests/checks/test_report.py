"""What a battery leaves behind: JUnit XML, and the reasons in text."""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree

from osstui.checks.report import junit
from osstui.checks.showing import as_text
from osstui.checks.table import BY_ID, choose
from osstui.engine.local import LocalEngine
from tests.checks.hosts import check, target


async def test_junit_counts_fails_and_skips(fleet: str, engine: LocalEngine) -> None:
    hosts = {"good": target(fleet), "b\x1bad": target(fleet, "text=x%00y;wrong_model")}
    battery = await check(engine, hosts, ["answer", "identity", "cost"])
    root = ElementTree.fromstring(junit(battery.reports.values(), "2026-11-21T09:00:00.123Z"))
    good, bad = root.findall("testsuite")
    assert (good.get("tests"), good.get("failures"), good.get("skipped")) == ("3", "0", "1")
    assert bad.get("failures") == "2"
    assert "answered by meta-llama" in (bad.find("testcase[@name='identity']/failure").text or "")  # type: ignore[union-attr]


async def test_junit_has_the_form_that_ants_and_jenkins_schemas_want(fleet: str, engine: LocalEngine) -> None:
    hosts = {"a": target(fleet, "any_key"), "b": target(fleet, "wrong_model", base_url="{broken")}
    battery = await check(engine, hosts, ["reach", "wrong-key", "identity", "cost"])
    root = ElementTree.fromstring(junit(battery.reports.values(), "2026-11-21T09:00:00.123Z"))
    assert (root.tag, root.attrib) == ("testsuites", {})
    for number, suite in enumerate(root):
        assert [suite.get("id"), suite.get("errors")] == [str(number), "0"]
        assert suite.get("package")
        assert suite.get("hostname") in ("127.0.0.1", "localhost")
        assert datetime.fromisoformat(suite.get("timestamp", "")).tzinfo is None
        assert float(suite.get("time", "")) >= 0
        tags = [part.tag for part in suite]
        assert tags == ["properties", *["testcase"] * 4, "system-out", "system-err"]
        for case in suite.findall("testcase"):
            assert case.attrib.keys() == {"name", "classname", "time"}
            assert [part.tag for part in case] in ([], ["failure"], ["skipped"])
            assert all(part.get("type") for part in case.findall("failure"))
    assert root[0].findtext("system-out") == "wrong-key: a made-up key is accepted"


async def test_checks_that_have_the_same_reason_share_a_line(engine: LocalEngine) -> None:
    rows = choose("quick")
    battery = await check(engine, {"gone": target("http://127.0.0.1:9")}, rows)
    text = as_text([*battery.reports.values()], rows, 80, 0.0)
    told = [line for line in text.splitlines() if "gone: " in line]
    assert len(told) == 2
    assert told[0].startswith("FAIL gone: reach: connect: ")
    assert told[1].startswith("n/a  gone: auth, wrong-key, listed, ")
    assert told[1].endswith(": not run: there is no connection")
    assert BY_ID["limits"].title in text


async def test_hosts_that_do_not_fit_beside_each_other_stand_below_each_other(
    engine: LocalEngine,
) -> None:
    rows = choose("deep")
    hosts = {f"a-long-name-{n}": target("http://127.0.0.1:9") for n in range(5)}
    battery = await check(engine, hosts, rows)
    reports = [*battery.reports.values()]
    wide, narrow = (as_text(reports, rows, width, 0.0) for width in (160, 80))
    assert [line.split()[-2:] for line in wide.splitlines() if line.startswith("verdict ")] == [
        ["FAIL", "FAIL"]
    ]
    table, reasons, _ = narrow.split("\n\n")
    assert all(len(line) <= 80 for line in table.splitlines())
    lines = table.splitlines()
    assert lines[-5:] == [f"{name}  FAIL  ✗{'–' * (len(rows) - 1)}" for name in hosts]
    at = lines[-1].index("✗")
    assert "".join(line[at : at + 1] for line in lines[:-5]).strip() == "reach"
    tiny = as_text(reports, rows, 40, 0.0).split("\n\n")[0].splitlines()
    assert max(map(len, tiny)) <= 40
    assert sum(line.startswith("a-long-name-0") for line in tiny) == 2
    assert sum(line.count("–") for line in tiny) == 5 * (len(rows) - 1)
    assert reasons.splitlines()[-1].startswith(
        "n/a  a-long-name-0, a-long-name-1, a-long-name-2 and 2 more: auth, "
    )
