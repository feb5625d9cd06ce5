"""What streaming text costs on the screen: `python benchmarks/transcript.py [--quick]`.

Each case runs the widget in an app of its own on a real pseudo-terminal (a thread reads what is drawn)
with text fed at a token rate and a frame timer of 15 Hz, and prints CPU seconds, flush times, the time
until the last token was drawn, and the CPU per token of the last quarter against the first. A token is
four characters here.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import random
import struct
import subprocess
import sys
import termios
import threading
import time
from itertools import pairwise

FRAME = 1 / 15
TOKEN = 4
WORDS = "the model sends **many** words and `code` with [link](https://a.b) to *nobody* in particular , so on"


def text_of(kind: str, size: int) -> str:
    """A text of about `size` characters: an answer of mixed Markdown, or one giant block of a kind."""
    rng = random.Random(7)
    words = WORDS.split()

    def prose(n: int) -> str:
        return " ".join(rng.choice(words) for _ in range(n))

    if kind == "paragraph":
        return prose(size // 6)
    if kind == "list":
        return "".join(f"- item {n}: {prose(8)}\n" for n in range(size // 60))
    if kind == "table":
        head = "| name | count | note |\n|---|--:|---|\n"
        return head + "".join(f"| row {n} | {n * 7} | {prose(3)} |\n" for n in range(size // 40))
    if kind == "code":
        body = (f"def f{n}(x, y='a'):  # comment\n    return x + {n} * len(y)\n\n" for n in range(size // 62))
        return "```python\n" + "".join(body) + "```\n"
    part = "## Heading {n}\n\n{a}\n\n1. {b}\n2. {c}\n\n```python\nfor i in range({n}):\n    print(i)\n```\n\n"
    parts = (part.format(n=n, a=prose(60), b=prose(9), c=prose(12)) for n in range(size // 450 + 1))
    return "".join(parts)[:size]


def child(kind: str, tokens: int, rate: int, panes: int) -> None:
    """Run in the pseudo-terminal; the figures go to file descriptor 3 as one JSON line."""
    from textual.app import App, ComposeResult
    from textual.containers import Horizontal

    from osstui.tui.widgets.transcript import Transcript

    text = text_of(kind, tokens * TOKEN)
    tokens = len(text) // TOKEN

    class Bench(App[None]):
        CSS = "Transcript { width: 1fr; }"

        def compose(self) -> ComposeResult:
            with Horizontal():
                for _ in range(panes):
                    yield Transcript()

        async def on_mount(self) -> None:
            self.flushes: list[float] = []
            self.set_timer(0.5, lambda: self.run_worker(self.feed()))

        def frame(self) -> None:
            for transcript in self.query(Transcript):
                if transcript.pending:
                    start = time.perf_counter()
                    transcript.flush(0.008)
                    self.flushes.append(time.perf_counter() - start)

        async def feed(self) -> None:
            all_panes = list(self.query(Transcript))
            timer = self.set_interval(FRAME, self.frame)
            start, cpu, sent = time.perf_counter(), time.process_time(), 0
            quarters = [cpu]
            while sent < tokens:
                due = min(tokens, int((time.perf_counter() - start) * rate) + 1)
                piece = text[sent * TOKEN : due * TOKEN]
                for transcript in all_panes:
                    transcript.append("text", piece)
                sent = due
                while len(quarters) < 5 and sent >= tokens * len(quarters) / 4:
                    quarters.append(time.process_time())
                await asyncio.sleep(max(0.005, 1 / rate))
            last = time.perf_counter()
            for transcript in all_panes:
                transcript.finish()
            while any(transcript.pending for transcript in all_panes):
                await asyncio.sleep(0.005)
            end = time.perf_counter() - last
            await asyncio.sleep(0.2)
            timer.stop()
            cost = [b - a for a, b in pairwise(quarters)]
            slow = sorted(self.flushes)
            result = {
                "tokens": tokens * panes,
                "cpu_s": time.process_time() - cpu,
                "wall_s": last - start,
                "flush_p50_ms": slow[len(slow) // 2] * 1000,
                "flush_p95_ms": slow[int(len(slow) * 0.95)] * 1000,
                "end_visible_s": end,
                "last_vs_first": cost[-1] / max(cost[0], 1e-9),
            }
            os.write(3, json.dumps(result).encode() + b"\n")
            self.exit()

    Bench().run()


def run(kind: str, tokens: int, rate: int, panes: int) -> dict[str, float]:
    """One case in a pseudo-terminal of 120 × 40 cells; adds the bytes that were drawn."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    result_read, result_write = os.pipe()
    arguments = [sys.executable, __file__, "--child", kind, str(tokens), str(rate), str(panes)]
    shell = ["sh", "-c", f'exec "$@" 3>&{result_write}', "sh", *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        shell,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        pass_fds=[result_write],
        start_new_session=True,
    )
    os.close(slave)
    os.close(result_write)
    drawn = [0]

    def drain() -> None:
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                return
            if not data:
                return
            drawn[0] += len(data)

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    with os.fdopen(result_read) as results:
        line = results.readline()
    process.wait(timeout=30)
    reader.join(timeout=5)
    os.close(master)
    if not line:
        sys.exit(f"the case {kind} ended without figures (exit code {process.returncode})")
    figures: dict[str, float] = json.loads(line)
    figures["drawn_kb"] = drawn[0] / 1000
    return figures


CASES = [
    ("mixed", 4_000, 500, 1),
    ("mixed", 20_000, 2_000, 1),
    ("paragraph", 20_000, 2_000, 1),
    ("list", 20_000, 2_000, 1),
    ("table", 20_000, 2_000, 1),
    ("code", 20_000, 2_000, 1),
    ("mixed", 1_600, 200, 8),
]


def main() -> None:
    parser = argparse.ArgumentParser(description="What streaming text costs on the screen.")
    parser.add_argument("--quick", action="store_true", help="a quarter of the tokens")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        kind, *numbers = options.child
        child(kind, *map(int, numbers))
        return
    titles = ("CPU s", "µs/token", "flush p50", "p95 ms", "end s", "last/first", "kB")
    print(f"{'case':28}", *(f"{title:>10}" for title in titles))
    for kind, tokens, rate, panes in CASES:
        f = run(kind, tokens // (4 if options.quick else 1), rate, panes)
        name = f"{kind} {int(f['tokens'])} at {panes}×{rate}/s"
        per_token = f["cpu_s"] * 1e6 / f["tokens"]
        print(
            f"{name:28} {f['cpu_s']:10.2f} {per_token:10.0f}",
            f"{f['flush_p50_ms']:10.1f} {f['flush_p95_ms']:10.1f}",
            f"{f['end_visible_s']:10.3f} {f['last_vs_first']:10.2f} {f['drawn_kb']:10.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
