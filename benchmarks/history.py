"""Does the history keep its bars? A file of 10,000 conversations, and a program that is killed.

    python -m benchmarks.history [size|caller|kill …]      without names, all of them

Each row: what was measured, the figure, and the bar it is held against.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from osstui.events import AnyEvent, Delta, Ended, LaneInfo, Started, Usage
from osstui.job import Params, Price
from osstui.store.history import History
from osstui.store.recorder import RunRecorder
from osstui.store.statements import Op, Place
from osstui.store.writer import HistoryWriter

CONVERSATIONS = 10_000
LANES = ("groq", "cerebras", "together", "fireworks")
WORDS = 300
"""Of an answer."""
RARE = "quetzalcoatlus"
KILLS = 50
HERE = Path(__file__).parent.parent


def row(what: str, figure: str, bar: str, good: bool) -> bool:
    print(f"{'ok ' if good else 'BAD'}  {what:<58} {figure:>14}   bar {bar}", flush=True)
    return good


def events(run: str, vocabulary: list[str], rng: random.Random) -> Iterator[AnyEvent]:
    """A run of four answers in pieces of ten words."""
    price = Price(0.15, 0.6)
    lanes = tuple(
        LaneInfo(name, name, name.title(), "gpt-oss-120b", "openai/gpt-oss-120b", "openai-chat",
                 f"https://{name}.test/v1", Params(), price, 131072, None, 70, True, False)
        for name in LANES
    )  # fmt: skip
    at = f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:00:00.000Z"
    prompt = " ".join(rng.choices(vocabulary, k=12))
    yield Started(run, 1, "0.1.0", at, prompt if rng.random() > 0.0005 else f"{prompt} {RARE}", lanes)
    for name in LANES:
        for piece in range(WORDS // 10):
            text = " ".join(rng.choices(vocabulary, k=10)) + " "
            yield Delta(run, name, (piece + 1) * 20_000_000, "text", text, 12)
        yield Usage(run, name, 10**9, 70, 12 * WORDS // 10 + 10)
        yield Ended(run, name, 10**9, "stop")


def fill(path: Path) -> str:
    """40,000 answers in 10,000 conversations; words as unevenly often as in a language (Zipf). Returns the
    most frequent word."""
    rng = random.Random(7)
    stem = ["".join(rng.choices("bcdfghklmnprstvw", k=1) + rng.choices("aeiou", k=1)) for _ in range(400)]
    words = ["".join(rng.choices(stem, k=rng.randint(1, 4))) for _ in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    vocabulary = rng.choices(words, weights, k=200_000)
    ops: list[Op] = []
    with History(path) as history:
        for number in range(CONVERSATIONS):
            recorder = RunRecorder.again(events(f"{number:012x}", vocabulary, rng), Place(), None)
            assert recorder is not None
            ops += recorder.flush()
            if number % 500 == 499:
                history.add(ops)
                ops.clear()
    return words[0]


def timed(action: Callable[[], object], repeats: int = 15) -> float:
    """Median ms."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        times.append((time.perf_counter() - begun) * 1000)
    return median(times)


def size(folder: Path) -> bool:
    path = folder / "large.db"
    begun = time.perf_counter()
    common = fill(path)
    megabytes = sum(file.stat().st_size for file in folder.glob("large.db*") if file.is_file()) / 1e6
    print(
        f"     {CONVERSATIONS} conversations made in {time.perf_counter() - begun:.0f} s, {megabytes:.0f} MB"
    )
    good = True

    def first_page() -> None:
        with History(path) as history:
            history.close_unfinished()
            assert len(history.conversations(50)) == 50

    cost = timed(first_page)
    good &= row("opened and the first 50 conversations listed", f"{cost:.1f} ms", "300 ms", cost <= 300)
    with History(path) as history:
        for name, words in (
            ("a rare word", RARE),
            ("the beginning of a word", RARE[:4]),
            (f"a word of {len(history.search(f'{common} ', 10**6))} runs", f"{common} "),
            ("two letters", common[:2]),
            ("a phrase", f'"{" ".join(history.runs(1)[0].prompt.split()[:3])}"'),
        ):
            hits = history.search(words)
            cost = timed(lambda words=words: history.search(words))
            good &= row(f"{name} found ({len(hits)} hits shown)", f"{cost:.1f} ms", "100 ms", cost <= 100)
        for offset in (5_000, 9_950):
            cost = timed(lambda offset=offset: history.conversations(50, offset))
            good &= row(f"conversations from {offset} on", f"{cost:.1f} ms", "300 ms", cost <= 300)
        cost = timed(lambda: history.open("last"))
        good &= row("a run opened to the last digit", f"{cost:.1f} ms", "100 ms", cost <= 100)
        begun = time.perf_counter()
        history.delete("last")
        cost = (time.perf_counter() - begun) * 1000
        good &= row("a run deleted for good, space given back", f"{cost:.0f} ms", "3000 ms", cost <= 3000)
    return good


def caller(folder: Path) -> bool:
    """How long `put` keeps the one who calls it, at 8 lanes of 500 pieces/s, into a file that others use."""
    path, waits, run = folder / "caller.db", list[float](), "caller"
    told: list[str] = []
    with HistoryWriter(path, told.append) as writer:
        lanes = next(events(run, ["x"], random.Random(1)))
        writer.put(lanes)
        begun = time.perf_counter()
        for number in range(20_000):
            event = Delta(run, LANES[number % 4], number, "text", "some words ", 2)
            due = begun + number / 4000
            while (now := time.perf_counter()) < due:
                time.sleep(min(0.001, due - now))
            before = time.perf_counter()
            writer.put(event)
            waits.append((time.perf_counter() - before) * 1e6)
    waits.sort()
    p50, p999 = waits[len(waits) // 2], waits[int(len(waits) * 0.999)]
    good = row("a call into the history, p50", f"{p50:.1f} µs", "50 µs", p50 <= 50)
    good &= row("a call into the history, p99.9", f"{p999 / 1000:.2f} ms", "5 ms", p999 <= 5000)
    return good and not told


def kill(folder: Path) -> bool:
    from tests.store.killing import ENDLESS, PIECES, kill_after

    rng = random.Random(time.time_ns())
    path, worst = folder / "killed.db", 0.0
    for number in range(KILLS):
        pieces = (PIECES, ENDLESS)[number % 2]
        worst = max(worst, kill_after(path, rng.uniform(0.0, 1.6), pieces))
    with History(path) as history:
        history.close_unfinished()
        rows = history.runs()
        statuses = {lane["status"] for row in rows for lane in history.document(row.run)["lanes"]}
    good = row(f"{KILLS} kills: age of the oldest lost event", f"{worst:.2f} s", "1 s", worst <= 1)
    marked = statuses == {"ok", "cut"}
    return good & row(f"{len(rows)} runs opened, lanes are", "/".join(sorted(statuses)), "ok or cut", marked)


def main() -> int:
    named = {"size": size, "caller": caller, "kill": kill}
    wanted = sys.argv[1:] or list(named)
    with tempfile.TemporaryDirectory() as folder:
        results = [named[name](Path(folder)) for name in wanted]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
