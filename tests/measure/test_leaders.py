from made import MS, ended, fold, info, piece, sent, usage

from osstui.events import Failed
from osstui.job import Price
from osstui.measure.leaders import leaders, totals
from osstui.measure.run import RunState


def lane(name: str, first: float, step: float, reason: str = "stop") -> list:
    pieces = [piece(first + step * i, 1, lane=name) for i in range(11)]
    return [*sent(name), *pieces, usage(999, name, input=100, output=11), ended(1000, reason, name)]


def race(*more: list) -> RunState:
    events = [*lane("fast", 200, 10), *lane("early", 100, 20), *(event for part in more for event in part)]
    return fold(events, info("fast"), info("early", price=Price(1, 1)), info("third", price=Price(0, 0)))


def test_each_number_has_its_own_leader() -> None:
    assert leaders(race()) == {"ttft": ("early",), "speed": ("fast",), "cost": ("fast",)}


def test_equal_lanes_lead_together() -> None:
    assert leaders(race(lane("third", 100, 20)))["ttft"] == ("early", "third")


def test_a_lane_that_was_cut_does_not_lead_by_stopping_early() -> None:
    assert leaders(race(lane("third", 20, 1, "truncated")))["cost"] == ("fast",)
    assert leaders(race(lane("third", 20, 1, "truncated")))["speed"] == ("fast",)


def test_an_answer_without_a_word_is_not_the_cheapest() -> None:
    empty = [*sent("third"), ended(300, "stop", "third")]
    assert leaders(race(empty))["cost"] == ("fast",)


def test_a_cost_does_not_lead_before_the_answer_is_whole() -> None:
    running = [*sent("third"), piece(20, 1, lane="third")]
    assert leaders(race(running))["cost"] == ("fast",)
    assert leaders(race(running))["ttft"] == ("third",)


def test_one_lane_alone_beats_nobody() -> None:
    assert leaders(fold(lane("fast", 200, 10), info("fast"))) == {"ttft": (), "speed": (), "cost": ()}


def test_totals_count_endings_and_add_money() -> None:
    total = totals(race([Failed("r", "third", 5 * MS, "no_key", None, "no key")]))
    assert (total.lanes, total.ok, total.failed, total.live, total.cost_unknown) == (3, 2, 1, 0, 1)
    assert total.cost_usd is not None
    assert abs(total.cost_usd - (100 * 0.15 + 11 * 0.60 + 111) / 1e6) < 1e-12
    assert not total.cost_approximate


def test_money_that_nobody_knows_is_unknown_not_zero() -> None:
    assert totals(fold([], info("a", price=None))).cost_usd is None
