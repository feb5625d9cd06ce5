"""How a lane stands, event by event."""

from made import MS, answer, ended, fold, info, lane_of, piece, sent, started, usage

from osstui.events import Connected, Ended, Failed, Noted, Opened, Retried
from osstui.measure.run import LaneState, RunState


def statuses(events: list) -> list[str]:
    run = RunState()
    run.apply(started())
    lane = run.lanes["groq"]
    seen = [lane.status]
    for event in events:
        run.apply(event)
        if lane.status != seen[-1]:
            seen.append(lane.status)
    return seen


def test_a_lane_goes_through_connecting_waiting_thinking_streaming_ok() -> None:
    assert statuses(answer()) == ["connecting", "waiting", "thinking", "streaming", "ok"]


def test_a_tool_call_is_streaming() -> None:
    assert statuses([*sent(), piece(20, 1, "{", "tool")])[-1] == "streaming"


def test_pieces_keep_their_order_and_join_by_kind() -> None:
    lane = lane_of(answer())
    assert [kind for kind, _ in lane.pieces] == ["reasoning"] * 2 + ["text"] * 3
    assert (lane.reasoning, lane.text, lane.tool) == ("hm so ", "Yes, yes.", "")


def test_a_cut_stream_keeps_its_text() -> None:
    lane = lane_of([*answer()[:6], ended(400, "truncated")])
    assert (lane.status, lane.text, lane.live) == ("cut", "Yes, y", False)


def test_a_failure_in_the_middle_keeps_its_text() -> None:
    lane = lane_of([*answer()[:6], Failed("r", "groq", 400 * MS, "server", 500, "overloaded")])
    assert (lane.status, lane.text, lane.t_end) == ("failed", "Yes, y", 400 * MS)
    assert lane.error is not None
    assert lane.error.message == "overloaded"


def test_a_cancelled_lane_keeps_its_text() -> None:
    lane = lane_of([*answer()[:6], ended(400, "cancelled")])
    assert (lane.status, lane.text) == ("cancelled", "Yes, y")


def retried(at: int, attempt: int = 2, wait: int = 50) -> Retried:
    return Retried("r", "groq", at * MS, attempt, wait * MS, "rate_limit", 429, "slow down")


def test_ttft_counts_from_the_attempt_that_answered_and_the_lost_time_stands_apart() -> None:
    lane = lane_of([*sent(at=10), retried(60), *sent(at=120, attempt=2), piece(150, 1)])
    assert (lane.t_sent, lane.lost_ns, lane.attempts) == (120 * MS, 110 * MS, 2)


def test_an_attempt_that_never_connected_has_lost_the_time_since_the_start() -> None:
    lane = lane_of([retried(60), *sent(at=120, attempt=2)])
    assert lane.lost_ns == 120 * MS


def test_while_it_waits_for_the_next_attempt_a_lane_says_when_and_why() -> None:
    lane = lane_of([*sent(), retried(60)])
    assert (lane.status, lane.retry_at, lane.retry_message) == ("retrying", 110 * MS, "slow down")
    assert lane.lost_ns == 50 * MS


def test_cancelling_the_wait_does_not_count_an_attempt_that_never_began() -> None:
    lane = lane_of([*sent(), retried(60), ended(80, "cancelled")])
    assert (lane.status, lane.attempts, lane.retry_at) == ("cancelled", 1, None)


def test_a_retry_after_text_keeps_the_text_and_its_stamps() -> None:
    lane = lane_of(
        [*sent(at=10), piece(30, 1, "a"), retried(60), *sent(at=120, attempt=2), piece(150, 1, "b")]
    )
    assert (lane.text, lane.t_sent, lane.t_first, lane.status) == ("ab", 10 * MS, 30 * MS, "streaming")


def test_the_usage_of_an_attempt_that_was_given_up_is_not_the_answer_s() -> None:
    lane = lane_of([*sent(), usage(50, output=777), retried(60), *sent(at=120, attempt=2), piece(150, 1)])
    assert lane.usage is None


def test_every_event_moves_the_revision() -> None:
    lane = lane_of(answer())
    assert lane.revision == len(answer())


def test_a_note_is_a_warning() -> None:
    assert lane_of([Noted("r", "groq", 0, "leak", "harmony markers in the text")]).warnings == [
        "harmony markers in the text"
    ]


def test_what_comes_after_the_ending_cannot_change_it() -> None:
    lane = lane_of([*answer(), ended(500, "cancelled"), piece(510, 1, "!")])
    assert (lane.status, lane.t_end, lane.text) == ("ok", 480 * MS, "Yes, yes.!")


def test_a_later_usage_replaces_an_earlier_one_whole() -> None:
    lane = lane_of([*sent(), usage(20, input=5, output=1), usage(30, output=2)])
    assert lane.usage is not None
    assert (lane.usage.input, lane.usage.output) == (None, 2)


def test_head_and_connection_are_kept() -> None:
    lane = lane_of([*sent(), Opened("r", "groq", 90 * MS, 200, "HTTP/1.1", "req-1", {})])
    assert isinstance(lane.connected, Connected)
    assert lane.opened is not None
    assert (lane.t_open, lane.opened.request_id) == (90 * MS, "req-1")


def test_a_run_is_done_when_every_lane_has_its_ending() -> None:
    run = fold([Ended("r", "a", 1, "stop")], info("a"), info("b"))
    assert not run.done
    run.apply(Failed("r", "b", 2, "no_key", None, "no key"))
    assert run.done


def test_an_empty_run_is_not_done() -> None:
    assert not RunState().done


def test_events_of_other_runs_and_unknown_lanes_change_nothing() -> None:
    run = fold([piece(1, 1, lane="nobody"), Ended("other", "groq", 1, "stop")])
    lane = run.lanes["groq"]
    assert isinstance(lane, LaneState)
    assert (lane.revision, lane.status) == (0, "connecting")
