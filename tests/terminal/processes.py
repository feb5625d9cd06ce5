"""The processes of a running app and their sockets, as the kernel tells them."""

from __future__ import annotations

import contextlib
import os
import re
import select
import time
from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def named(pids: list[int], word: str) -> int:
    """The one of them whose command line holds the word."""
    (found,) = [pid for pid in pids if word in Path(f"/proc/{pid}/cmdline").read_text()]
    return found


def sockets(pids: list[int]) -> set[str]:
    """The inodes of every socket that they hold open."""
    found: set[str] = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.update(re.findall(r"socket:\[(\d+)\]", os.readlink(entry)))
    return found


def still_open(inodes: set[str]) -> set[str]:
    """Those that the kernel still lists as TCP sockets."""
    lines = [
        line for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()
    ]
    return inodes & {line.split()[9] for line in lines[1:]}


class Watch:
    """Sees processes end, children of ours or not; made while they live, so that no number is mistaken."""

    def __init__(self, pids: list[int]) -> None:
        self._names = {os.pidfd_open(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}

    def until_all_ended(self, seconds: float) -> None:
        poll = select.poll()
        for fd in self._names:
            poll.register(fd, select.POLLIN)
        left, give_up = set(self._names), time.monotonic() + seconds
        while left:
            ended = poll.poll(max(0, (give_up - time.monotonic()) * 1000))
            assert ended, f"alive after {seconds} s: {[self._names[fd] for fd in left]}"
            for fd, _ in ended:
                poll.unregister(fd)
                left.discard(fd)
        for fd in self._names:
            os.close(fd)
