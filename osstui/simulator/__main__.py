"""`python -m osstui.simulator`: serve on 127.0.0.1 until interrupted, or until stdin ends."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from osstui.simulator.hosts import HOSTS
from osstui.simulator.listing import nearest_host
from osstui.simulator.wishes import WishError, by_provider, help_text

if TYPE_CHECKING:
    from osstui.simulator.server import Simulator


_ABOUT = """\
Simulated LLM hosts on 127.0.0.1, for demos and for tests of other programs.
Each answers below its own name, in its own wire format and at its own pace;
whatever stands between the name and the last part of the path will do:

  http://127.0.0.1:PORT/groq/v1/chat/completions   Chat Completions
  http://127.0.0.1:PORT/groq/v1/responses          Responses
  http://127.0.0.1:PORT/groq/v1/messages           Anthropic Messages
  http://127.0.0.1:PORT/ollama/api/chat            Ollama
  http://127.0.0.1:PORT/                           every host with its base URL
  http://127.0.0.1:PORT/__truth                    what each request really got

No key is needed. {"port": N} is printed to stdout when the hosts can be asked;
Ctrl+C ends them."""


def main(arguments: Sequence[str] | None = None, program: str = "python -m osstui.simulator") -> int:
    """Runs the server, prints `{"port": N}` when it listens. Returns the exit code (2: wrong usage)."""
    options = _parser(program).parse_args(arguments)
    try:
        faults = by_provider(options.fault)
    except WishError as error:
        return _complain(str(error))
    for name in faults.keys() - HOSTS.keys() - {"*"}:
        _say(f"{name!r} is no host of the list{nearest_host(name)}; it is served as a plain one")
    from osstui.simulator.server import Simulator

    simulator = Simulator(seed=options.seed, speed=options.speed, key=options.require_key, faults=faults)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(simulator, options.port, options.until_eof))
    except KeyboardInterrupt:  # where the loop takes no signal handlers, on Windows
        return 0
    except OSError as error:
        return _complain(f"cannot listen on 127.0.0.1:{options.port}: {error.strerror}; try --port 0")
    return 0


def _complain(message: str) -> int:
    _say(message)
    return 2


def _say(message: str) -> None:
    sys.stderr.write(f"osstui simulator: {message}\n")


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description=_ABOUT,
        epilog=help_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=_port, default=0, help="0: any free port (default)")
    parser.add_argument("--seed", type=int, default=0, help="other answers to the same prompts")
    parser.add_argument("--speed", type=_factor, default=1.0, metavar="X", help="all hosts X times as fast")
    parser.add_argument("--require-key", metavar="KEY", help="401 without this key")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="PROVIDER=WISHES", help="may be repeated; see below"
    )
    parser.add_argument("--until-eof", action="store_true", help="end when stdin ends")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _factor(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) <= 1000:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is no speed: more than 0, at most 1000")


async def _serve(simulator: Simulator, port: int, until_eof: bool) -> None:
    from aiohttp import web

    runner = web.AppRunner(
        simulator.app(),
        access_log=None,
        handler_cancellation=True,
        handle_signals=False,
        shutdown_timeout=0.1,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=512)
        await site.start()
        chosen = runner.addresses[0][1]
        sys.stdout.write(json.dumps({"port": chosen}) + "\n")
        sys.stdout.flush()
        if not until_eof:
            url = f"http://127.0.0.1:{chosen}"
            _say(
                f"base URLs are {url}/groq/v1 and the like; {url}/ lists all {len(HOSTS)} hosts; Ctrl+C ends"
            )
        await _until_told(until_eof)
    finally:
        await runner.cleanup()


async def _until_told(until_eof: bool) -> None:
    """Returns on SIGINT or SIGTERM, and on the end of stdin when that is wanted."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, over.set)
    if until_eof:
        threading.Thread(target=_watch_stdin, args=(loop, over), daemon=True).start()
    await over.wait()


def _watch_stdin(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    """In a thread, because stdin may be a pipe, a file or a null device, and loops read only the first."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(over.set)


if __name__ == "__main__":
    sys.exit(main())
