"""Running the battery: money, patience, failures, evidence, and many hosts at once."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from osstui.checks import asking, observe
from osstui.checks.asking import PATIENCE
from osstui.checks.exchange import probe
from osstui.checks.model import Check, Host, Plan, passed
from osstui.checks.report import changes, document
from osstui.checks.run import Battery
from osstui.checks.table import BY_ID, choose
from osstui.engine.api import HostFacts
from osstui.engine.local import LocalEngine
from osstui.events import AnyEvent, Delta
from osstui.job import Job
from tests.checks.hosts import KEY, check, reason, results, target


def row(run: object, **fields: object) -> Check:
    return Check("answer", "made up", "quick", "model", run, **fields)  # type: ignore[arg-type]


async def test_an_exception_in_a_check_is_a_fail_and_nothing_else_suffers(
    fleet: str, engine: LocalEngine
) -> None:
    def broken(host: Host) -> Plan:
        yield []
        raise KeyError("nonsense")

    battery = await check(engine, {"a": target(fleet)}, [row(broken), "ending"])
    assert results(battery)["a"] == {"answer": "fail", "ending": "pass"}
    assert reason(battery, "answer") == "the check itself failed: KeyError: 'nonsense'"


async def test_a_question_that_several_checks_ask_is_sent_once(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet)}, ["auth", "answer", "identity", "markers", "limits"])
    host = battery.reports["a"].host
    assert host is not None
    assert len(host.seen) == 1
    assert sum(cell.requests for cell in battery.reports["a"].ordered) == 1


async def test_no_more_is_spent_than_allowed(fleet: str, engine: LocalEngine) -> None:
    limit = 0.003
    hosts = {name: target(fleet, f"seed={n + 1}") for n, name in enumerate("abc")}
    battery = await check(engine, hosts, choose("full"), limit)
    assert 0 < battery.budget.spent <= limit
    stopped = [c for r in battery.reports.values() for c in r.ordered if "limit of cost" in c.verdict.reason]
    assert stopped
    assert {cell.verdict.result for cell in stopped} == {"n/a"}
    assert {report.verdict for report in battery.reports.values()} <= {"warn", "fail"}


async def test_a_limit_of_nothing_asks_nothing(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet)}, choose("quick"), 0.0)
    host = battery.reports["a"].host
    assert host is not None
    assert host.seen == []
    assert results(battery)["a"]["reach"] == "pass"


async def test_a_request_waits_for_the_money_that_others_do_not_need(fleet: str, engine: LocalEngine) -> None:
    """Twenty questions set aside $0.025 at worst and cost a tenth of that."""
    battery = await check(engine, {"a": target(fleet)}, ["canaries"], 0.005)
    assert results(battery)["a"] == {"canaries": "pass"}
    assert battery.budget.spent < 0.005


async def test_an_answer_without_end_is_hung_up_on(
    fleet: str, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "RUNAWAY", (500, 10))
    hosts = {"a": target(fleet, "ignore_max_tokens;tokens=100000;tps=2000")}
    battery = await check(engine, hosts, ["max-tokens"])
    assert results(battery)["a"] == {"max-tokens": "fail"}
    assert reason(battery, "max-tokens").endswith("it went on far beyond max_tokens=32")


async def test_a_rate_limit_in_the_middle_is_waited_for(fleet: str, engine: LocalEngine) -> None:
    hosts = {"a": target(fleet, "status429;times=3;retry_after=0.1", provider="groq")}
    battery = await check(engine, hosts, ["answer", "bad-parameter", "unicode", "stop"])
    assert set(results(battery)["a"].values()) == {"pass"}
    assert battery.reports["a"].host is not None
    assert any(seen.limited for seen in battery.reports["a"].host.seen)


async def test_what_a_rate_limit_leaves_unasked_is_not_run_and_no_fail(
    fleet: str, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LIMIT_PATIENCE", 0.15)
    hosts = {"a": target(fleet, "status429;retry_after=0.02")}
    battery = await check(engine, hosts, ["auth", "answer", "canaries", "tool-arguments", "bad-parameter"])
    found = results(battery)["a"]
    assert found.pop("auth") == "warn"
    assert set(found.values()) == {"n/a"}
    assert reason(battery, "canaries").startswith("not run: the host's limit is reached: rate_limit 429")
    assert battery.reports["a"].verdict == "warn"


async def test_a_host_that_keeps_failing_is_not_asked_on_and_fails(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet, "status503")}, choose("full"))
    host = battery.reports["a"].host
    assert host is not None
    assert len(host.seen) < PATIENCE + 8
    found = results(battery)["a"]
    assert found["effort"] == found["canaries"] == "fail"
    assert (
        "not asked, as too many requests have failed, the last with server 503"
        in battery.reports["a"].cells["canaries"].verdict.reason
    )


async def test_a_host_that_never_says_a_word_is_given_up_after_two_waits(
    fleet: str, engine: LocalEngine
) -> None:
    asked = (probe(f"Are you there ({n})?", patience=0.1) for n in range(9))

    def one_by_one(host: Host) -> Plan:
        for each in asked:
            yield [each]
        return passed("it spoke")

    battery = await check(engine, {"a": target(fleet, "slow_first;ttft=60")}, [row(one_by_one)])
    host = battery.reports["a"].host
    assert host is not None
    assert [seen.lane.error and seen.lane.error.kind for seen in host.seen] == ["timeout", "timeout"]
    assert reason(battery, "answer").startswith("not asked")


async def test_a_refused_key_stops_the_rest(fleet: str, engine: LocalEngine) -> None:
    found = results(await check(engine, {"a": target(fleet, "status401")}, choose("full")))["a"]
    assert found.pop("auth") == "fail"
    assert found.pop("reach") == "pass"
    assert set(found.values()) == {"n/a"}


async def test_a_missing_key_is_named_and_nothing_is_sent(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet, api_key_env=("ABSENT_KEY",))}, choose("quick"))
    assert reason(battery, "auth") == "no key: set ABSENT_KEY"
    assert battery.reports["a"].unchecked


async def test_the_quick_battery_of_many_hosts_takes_as_long_as_its_slowest(
    fleet: str, engine: LocalEngine
) -> None:
    """Within 20 %: hosts of 0.1 to 0.4 s to the first token."""

    async def seconds(hosts: dict[str, object]) -> float:
        start = time.monotonic()
        await check(engine, hosts, choose("quick"))  # type: ignore[arg-type]
        return time.monotonic() - start

    many = {f"h{n}": target(fleet, f"ttft={0.1 + n * 0.05};tps=600;seed={n + 1}") for n in range(7)}
    await seconds({"warm": many["h0"]})
    slowest = await seconds({"h6": many["h6"]})
    assert await seconds(many) <= slowest * 1.2


async def test_evidence_holds_what_was_asked_and_answered_and_no_key(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet, provider="groq")}, choose("full"))
    made = document(battery.reports.values(), "2026-11-21T00:00:00Z", battery.budget.spent)
    text = json.dumps(made, allow_nan=False)
    assert KEY not in text
    assert made["v"] == 1
    (lane,) = made["lanes"]
    assert (lane["lane"], lane["provider"], lane["verdict"]) == ("a", "groq", battery.reports["a"].verdict)
    cells = {cell["check"]: cell for cell in lane["checks"]}
    shown = cells["answer"]["evidence"]["exchanges"][0]
    assert shown["request"]["messages"][0]["content"] == "Reply with exactly: OK 7319"
    assert (shown["text"], shown["status"], shown["finish_reason"]) == ("OK 7319", 200, "stop")
    assert shown["request_id"].startswith("req_")
    assert cells["wrong-key"]["evidence"]["exchanges"][0]["error"]["status"] == 401
    assert all(cell["ms"] > 0 for name, cell in cells.items() if cell["result"] == "pass")
    assert [cell["check"] for cell in lane["checks"]] == [row.id for row in choose("full")]


async def test_changes_are_told_the_worse_first(fleet: str, engine: LocalEngine) -> None:
    rows = ["answer", "markers", "unicode"]
    was = document((await check(engine, {"a": target(fleet, "mojibake")}, rows)).reports.values(), "t", 0.0)
    now = document(
        (await check(engine, {"a": target(fleet, "leak_markers")}, rows)).reports.values(), "t", 0.0
    )
    found = [(change["check"], change["was"], change["now"]) for change in changes(was, now)]
    assert found == [("markers", "pass", "fail"), ("unicode", "fail", "warn")]
    assert changes(now, now) == []
    with pytest.raises(ValueError, match="no document"):
        changes({"lanes": [{}]}, now)


async def test_tls_version_and_the_certificates_days_are_seen(
    engine: LocalEngine, authority: trustme.CA
) -> None:
    ends = datetime.now(UTC) + timedelta(days=5, hours=1)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_after=ends).configure_cert(serving)
    strange = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(strange)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"data": [{"id": "openai/gpt-oss-120b"}]}'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    async def checked(context: ssl.SSLContext) -> Battery:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        async with server:
            url = f"https://localhost:{server.sockets[0].getsockname()[1]}/v1"
            return await check(engine, {"a": target("", base_url=url)}, ["reach", "listed"])

    battery, stranger = await checked(serving), await checked(strange)
    assert results(battery)["a"] == {"reach": "warn", "listed": "pass"}
    assert reason(battery, "reach") == "the certificate ends in 5 days"
    numbers = battery.reports["a"].cells["reach"].verdict.numbers
    assert (numbers["tls"], numbers["http"]) == ("TLSv1.3", "1.1")
    assert isinstance(numbers["tls_ms"], float)
    assert numbers["tls_ms"] > 0
    assert reason(stranger, "reach").startswith("tls: ")


async def test_a_host_that_is_there_only_now_and_then_is_warned_of(engine: LocalEngine) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.close()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    battery = await check(engine, {"a": target("", base_url=url)}, ["reach"])
    assert results(battery)["a"] == {"reach": "warn"}
    assert reason(battery, "reach").startswith("2 of 3 connections failed: ")


def test_a_probe_is_known_again_by_what_it_asks() -> None:
    assert probe("a") == probe("a")
    assert probe("a") != probe("a", take=1)
    assert passed("x").result == "pass"


async def test_an_error_of_the_server_bars_nothing(
    fleet: str, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first question gets a 500 and there is no list of models: the key is in doubt, the rest is run."""

    async def unlisted(_: object) -> HostFacts:
        return HostFacts(provider="plain", models_status=404)

    monkeypatch.setattr(engine, "inspect", unlisted)
    found = results(await check(engine, {"a": target(fleet, "status500")}, ["auth", "unicode", "stop"]))["a"]
    assert found == {"auth": "fail", "unicode": "fail", "stop": "fail"}


class Unwell:
    """An engine that can't look at hosts."""

    async def inspect(self, _: object) -> HostFacts:
        raise RuntimeError("the engine process ended")


async def test_a_host_that_cannot_be_looked_at_is_a_result_and_no_crash() -> None:
    battery = await check(Unwell(), {"a": target("http://127.0.0.1:9")}, choose("quick"))  # type: ignore[arg-type]
    found = results(battery)["a"]
    assert found.pop("reach") == "fail"
    assert "RuntimeError: the engine process ended" in reason(battery, "reach")
    assert set(found.values()) == {"n/a"}


async def test_a_limit_cannot_be_kept_without_a_price(fleet: str, engine: LocalEngine) -> None:
    hosts = {"a": target(fleet, price=None), "free": target(fleet, price=None, key_required=False)}
    battery = await check(engine, hosts, ["answer"], 0.5)
    assert results(battery) == {"a": {"answer": "n/a"}, "free": {"answer": "pass"}}
    assert reason(battery, "answer") == "not run: no price is known, so no limit of cost can be kept"


class Watched:
    """An engine that says when the first words have come."""

    def __init__(self, engine: LocalEngine) -> None:
        self.inspect, self.cancel, self._run = engine.inspect, engine.cancel, engine.run
        self.spoke = asyncio.Event()

    async def run(self, job: Job) -> AsyncIterator[AnyEvent]:
        async for event in self._run(job):
            yield event
            if isinstance(event, Delta):
                self.spoke.set()


async def test_a_cancelled_battery_counts_what_its_requests_have_cost(
    fleet: str, engine: LocalEngine
) -> None:
    watched = Watched(engine)
    battery = Battery(watched, {"a": target(fleet, "tps=20")}.items(), [BY_ID["ending"]])  # type: ignore[arg-type]
    task = asyncio.create_task(battery.run())
    await asyncio.wait_for(watched.spoke.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 < battery.budget.spent < 0.001
    assert reason(battery, "ending") == "not run: interrupted"


async def test_a_host_that_has_come_up_passes_when_it_is_checked_again(
    fleet: str, engine: LocalEngine
) -> None:
    battery = await check(
        engine, {"a": target("http://127.0.0.1:9"), "b": target(fleet)}, ["reach", "answer"]
    )
    assert results(battery)["a"] == {"reach": "fail", "answer": "n/a"}
    others = battery.reports["b"].host
    battery.reports["a"].target = target(fleet)
    await battery.again("a")
    assert results(battery)["a"] == {"reach": "pass", "answer": "pass"}
    assert battery.reports["b"].host is others


async def test_a_check_asked_again_asks_anew_and_what_was_seen_stays(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet)}, ["answer", "unicode", "markers"])
    report = battery.reports["a"]
    unicode, spent = report.cells["unicode"], battery.budget.spent
    await battery.again("a", [BY_ID["answer"], BY_ID["markers"]])
    assert report.host is not None
    assert len(report.host.seen) == 3
    assert report.cells["unicode"] is unicode
    assert report.cells["markers"].verdict.numbers == {"answers": 3}
    assert battery.budget.spent > spent


async def test_hosts_are_compared_anew_when_one_is_checked_again(fleet: str, engine: LocalEngine) -> None:
    hosts = {name: target(fleet, f"seed={n + 1}") for n, name in enumerate(("one", "two", "three"))}
    hosts["odd"] = target(fleet, "seed=9;degraded")
    battery = await check(engine, hosts, ["distribution"])
    assert results(battery)["odd"] == {"distribution": "warn"}
    battery.reports["odd"].target = hosts["one"]
    await battery.again("odd")
    assert {row["distribution"] for row in results(battery).values()} == {"pass"}


async def test_a_prompt_too_long_is_not_counted_here(fleet: str, engine: LocalEngine) -> None:
    battery = await check(engine, {"a": target(fleet)}, ["too-long"])
    host = battery.reports["a"].host
    assert host is not None
    assert host.seen[0].lane.info.input_tokens is None
    assert results(battery)["a"]["too-long"] == "pass"
