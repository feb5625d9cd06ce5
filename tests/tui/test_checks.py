"""The checks' screen, the real engine process, and simulated hosts: honest ones, liars, one that is down."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from osstui.catalog import load_catalog
from osstui.engine.client import EngineProcess
from osstui.measure.forecast import Budget
from osstui.simulator.process import SimulatorProcess
from osstui.tui.app import OsstuiApp
from osstui.tui.checking import Checking
from osstui.tui.opening import Opening
from osstui.tui.screens.checks import ChecksScreen
from osstui.tui.screens.checks_start import ChecksStart
from osstui.tui.screens.evidence import EvidenceScreen
from osstui.tui.widgets.matrix import Place
from tests.tui.scripted import ScriptedEngine, Terminal, control_characters, opened, terminal

KEY = "sk-the-screens-own-0123456789"
FAST = "ttft=0.01;tps=1000"
HOSTILE = "OK 7319%1b]0%3bgotcha%07[red]x[/red] a[0] %e2%80%ae"

Opened = Callable[..., AbstractAsyncContextManager[Terminal]]


@pytest.fixture(scope="module")
def fleet() -> Iterator[str]:
    with SimulatorProcess(key=KEY) as simulator:
        yield simulator.url


@pytest.fixture
def checks(fleet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens the app with hosts that behave as told, and goes to the checks."""
    monkeypatch.setenv("CHECK_KEY", KEY)
    monkeypatch.chdir(tmp_path)

    @asynccontextmanager
    async def open_checks(
        hosts: dict[str, str], size: tuple[int, int] = (120, 36), **options: Any
    ) -> AsyncIterator[Terminal]:
        app = OsstuiApp(
            EngineProcess(),
            lambda: load_catalog(only=catalog_file(tmp_path, fleet, hosts)),
            Opening(demo=False, lanes=[*hosts], **options),
        )
        async with app.run_test(size=size) as pilot:
            t = Terminal(app, ScriptedEngine(), pilot)
            await t.until(lambda: app.compare.draft.lanes_known)
            await t.press("f3")
            await t.until(lambda: isinstance(app.screen, ChecksStart))
            yield t

    return open_checks


def catalog_file(folder: Path, fleet: str, hosts: dict[str, str]) -> Path:
    """A host that is `down` is at an address where nobody listens."""
    path = folder / "providers.yaml"
    offer = "{id: openai/gpt-oss-120b, price: {input: 0.15, output: 0.6}}"
    lines = ["version: 1", "models:", "  gpt-oss-120b: {name: G, context: 131072, tokenizer: o200k_harmony}"]
    lines.append("providers:")
    for name, sim in hosts.items():
        url = "http://127.0.0.1:9/v1" if sim == "down" else f"{fleet}/plain/v1"
        header = json.dumps(f"{FAST};{sim}")
        lines.append(
            f"  {name}: {{name: {name}, base_url: {url}, api_key_env: [CHECK_KEY], "
            f"headers: {{x-sim: {header}}}, models: {{gpt-oss-120b: {offer}}}}}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def screen_of(t: Terminal) -> ChecksScreen:
    (screen,) = [screen for screen in t.app.screen_stack if isinstance(screen, ChecksScreen)]
    return screen


def checking_of(t: Terminal) -> Checking:
    return screen_of(t).checking


async def finish(t: Terminal) -> Checking:
    """Starts what is marked, and waits for the end."""
    await t.press("enter")
    checking = checking_of(t)
    await t.until(lambda: checking.begun and not checking.live)
    await t.until(lambda: not checking.changed)
    return checking


async def go_to(t: Terminal, lane: str | None, check: str | None) -> None:
    """Moves the cursor with the arrow keys."""
    matrix = screen_of(t).matrix
    matrix._go_to(Place(lane, check))
    await t.pilot.pause(0)
    assert matrix.place == (lane, check)


async def test_an_honest_host_passes_and_a_liar_gets_its_cross_with_the_evidence_in_the_cell(
    checks: Opened,
) -> None:
    async with checks({"honest": "", "liar": "wrong_model;ignore_max_tokens"}) as t:
        checking = await finish(t)
        states = {check.id: checking.state("honest", check.id) for check in checking.checks}
        assert set(states.values()) == {"pass", "n/a"}
        assert checking.verdict("honest") == "pass"
        assert checking.state("liar", "identity") == checking.state("liar", "max-tokens") == "fail"
        await t.until_shown("FAIL")
        assert "verdicts: 1 pass, 1 fail" in t.screen
        await go_to(t, "liar", "identity")
        await t.until_shown("asked for openai/gpt-oss-120b, answered by")
        await t.press("enter")
        assert isinstance(t.app.screen, EvidenceScreen)
        await t.until_shown("✗ FAIL asked for openai/gpt-oss-120b, answered by")
        for words in ("Passes when every answer names the model", "Request", '"messages"', "Response"):
            await t.until_shown(words)
        assert KEY not in t.app.screen._plain
        await t.press("c")
        assert '"result": "fail"' in t.app.clipboard
        await t.press("escape")
        assert t.app.screen is screen_of(t)


async def test_a_host_that_is_down_is_a_row_of_its_own_and_is_checked_again_when_asked(
    checks: Opened, tmp_path: Path, fleet: str
) -> None:
    async with checks({"up": "", "gone": "down"}) as t:
        checking = await finish(t)
        assert checking.verdict("gone") == "fail"
        assert checking.verdict("up") == "pass", [c.verdict.reason for c in checking.reports["up"].ordered]
        await go_to(t, "gone", "answer")
        await t.until_shown("not run: there is no connection")
        other = checking.reports["up"]
        seen = other.host
        checking.reports["gone"].target = other.target
        await t.press("h")
        await t.until(lambda: not checking.live and checking.verdict("gone") == "pass")
        assert other.host is seen
        await t.until_shown("verdicts: 2 pass")


async def test_one_cell_is_asked_again_and_only_that_one(checks: Opened) -> None:
    async with checks({"one": "", "two": ""}) as t:
        checking = await finish(t)
        cells = {**checking.reports["one"].cells}
        await go_to(t, "one", "max-tokens")
        await t.press("c")
        await t.until(
            lambda: not checking.live and checking.cell("one", "max-tokens") is not cells["max-tokens"]
        )
        now = checking.reports["one"].cells
        assert {name for name in now if now[name] is not cells[name]} == {"max-tokens"}


async def test_what_checks_cost_counts_into_the_sessions_total_and_its_budget(checks: Opened) -> None:
    async with checks({"one": "", "two": ""}, budget=Budget(None, 0.50009)) as t:
        await t.until_shown("At most US$")
        assert "0.5000" in t.screen
        checking = await finish(t)
        spent = checking.budget.spent
        assert 0 < spent < 0.01
        assert checking.budget.limit == 0.5
        assert t.app.session.spent_usd == pytest.approx(spent)
        await t.press("escape")
        await t.until_shown("this session")
        await t.press("f3")
        assert t.app.screen is screen_of(t)
        assert checking_of(t) is checking
        await t.press("r", "tab", "delete", *"9")
        await t.press("enter")
        await t.until_shown("The session's budget leaves")
        await t.press("escape")


async def test_a_limit_is_kept_and_nonsense_is_no_limit(checks: Opened) -> None:
    async with checks({"one": ""}) as t:
        await t.press("tab", *"much", "enter")
        await t.until_shown("much is no sum of money such as 0.05")
        await t.press(*["backspace"] * 4, "0")
        checking = await finish(t)
        assert checking.budget.spent == 0
        await go_to(t, "one", "answer")
        await t.until_shown("not run: it could pass the limit of cost")


@pytest.mark.parametrize("key", ["x", "escape"])
async def test_a_cancelled_battery_keeps_what_it_knows_and_tells_its_cost(checks: Opened, key: str) -> None:
    async with checks({"slow": "tps=50"}) as t:
        await t.press("enter")
        checking = checking_of(t)
        await t.until(lambda: checking.state("slow", "auth") == "pass")
        await t.until(lambda: checking.state("slow", "stream") == "running")
        await t.press(key)
        await t.until(lambda: not checking.live)
        assert checking.state("slow", "reach") == "pass"
        assert checking.cell("slow", "ending").verdict.reason == "not run: interrupted"  # type: ignore[union-attr]
        assert t.app.session.spent_usd == pytest.approx(checking.budget.spent)
        assert checking.budget.spent > 0
        if key == "x":
            await t.until_shown("cancelled")
        else:
            await t.until(lambda: t.app.screen is t.compare)
            await t.until(lambda: "The checks were cancelled; they cost $" in t.notices)


async def test_quitting_in_the_middle_of_the_checks_ends_the_app(checks: Opened) -> None:
    async with checks({"slow": "tps=50"}) as t:
        await t.press("enter")
        await t.until(lambda: checking_of(t).state("slow", "stream") == "running")
        t.app.action_check()
        assert sum(isinstance(screen, ChecksScreen) for screen in t.app.screen_stack) == 1
        t.send("ctrl+q")
        await t.until(lambda: t.app._exit)
    assert t.app.return_code == 0
    assert t.app.engine.pid is None  # type: ignore[attr-defined]


async def test_the_report_is_written_into_new_files(checks: Opened, tmp_path: Path) -> None:
    async with checks({"one": "wrong_model"}) as t:
        await finish(t)
        for downs, name in ((0, "osstui-checks.json"), (1, "osstui-checks.xml"), (2, "osstui-checks.txt")):
            await t.press("s", *["down"] * downs, "enter")
            await t.until((tmp_path / name).exists)
            await t.until(lambda: name in t.notices)  # noqa: B023
        made = json.loads((tmp_path / "osstui-checks.json").read_text())
        assert made["lanes"][0]["verdict"] == "fail"
        assert KEY not in json.dumps(made)
        suite = ElementTree.parse(tmp_path / "osstui-checks.xml").getroot().find("testsuite")
        assert suite is not None
        assert suite.get("failures") == "1"
        assert "FAIL one: identity: asked for" in (tmp_path / "osstui-checks.txt").read_text()
        await t.press("y")
        assert "FAIL one: identity" in t.app.clipboard


async def test_hostile_answers_are_text_in_reason_and_evidence(checks: Opened) -> None:
    async with checks({"evil": f"text={HOSTILE}"}, size=(100, 60)) as t:
        await finish(t)
        await go_to(t, "evil", "answer")
        await t.press("enter")
        await t.until_shown("[red]x[/red] a[0]")
        await t.until_shown("␛]0;gotcha␇")
        await t.until_shown("‹U+202E›")
        assert not control_characters(t.screen)


async def test_thirty_hosts_fit_any_terminal(checks: Opened) -> None:
    hosts = {f"host-with-a-long-name-{n}": "down" for n in range(30)}
    async with checks({**hosts, "up": ""}, size=(40, 12)) as t:
        checking = await finish(t)
        screen = screen_of(t)
        assert checking.tally().done == 31 * len(checking.checks)
        for size in ((40, 12), (80, 24), (200, 50)):
            await t.pilot.resize_terminal(*size)
            for _ in range(2):
                across = screen.matrix.hosts_across
                await go_to(t, "up", "limits")
                await t.until_shown("up tells its rate limits")
                await t.press("t")
                assert screen.matrix.hosts_across is not across
                assert screen.matrix.place == ("up", "limits")
            assert "Checks" in t.screen.splitlines()[0]


async def test_another_level_lays_out_another_table(checks: Opened) -> None:
    async with checks({"gone": "down"}) as t:
        await finish(t)
        await t.press("r", "down")
        checking = await finish(t)
        assert checking.level == "full"
        assert screen_of(t).matrix.row_count == len(checking.checks) + 1


async def test_lanes_that_answer_are_not_disturbed_and_no_answer_starts_without_hosts() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("f3")
        assert t.app.screen is t.compare
        assert "Lanes are still answering" in t.notices
        await t.press("ctrl+c")
        await t.until_quiet()
    async with terminal(ScriptedEngine(keys=()), lanes=[], preset="all") as t:
        await t.press("f3")
        assert "There is nobody to check" in t.notices


async def test_from_the_lanes_to_every_host_with_a_key_and_back(checks: Opened) -> None:
    async with checks({"one": "down", "two": "down"}) as t:
        await finish(t)
        lanes = checking_of(t)
        await t.press("a")
        assert "There are no other hosts" in t.notices
        await t.press("escape")
        await t.app.hosts.use(["one"])
        await t.press("f3")
        await t.until(lambda: isinstance(t.app.screen, ChecksStart))
        await t.press("escape", "a")
        assert checking_of(t) is lanes
        await t.press("a")
        assert [name for name, _ in checking_of(t).lanes] == ["one"]
