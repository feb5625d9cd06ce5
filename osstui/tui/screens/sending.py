"""What happens to a draft before it becomes a run: files, windows, budget. Imported at the first one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from osstui.attachments import attach, doubtful, meant
from osstui.measure.estimate import estimate_tokens
from osstui.measure.forecast import refused, total
from osstui.measure.format import show
from osstui.safe_text import visible_line
from osstui.tui.say import say
from osstui.tui.screens.overflow import forecast_of, lanes_to_ask, overflowing

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen


LONG, DEAR = 1000, 0.05
"""Tokens, and US$ in all, from which on a draft is worth a look ahead."""

MOST_NAMED = 4
"""Lanes that one message names."""

MOST_COUNTED = 200_000
"""Characters; what is longer is estimated, so that the engine is free when it is sent."""


def send(screen: CompareScreen, text: str, typed: str) -> None:
    """Begins a turn with the draft, or says why not and keeps it."""
    session = screen.session
    try:
        at_once = "@" not in typed and not overflowing(session, session.asked, text)
    except ValueError as problem:
        _hold(screen, problem)
        return
    if at_once:
        _begin(screen, text, typed, session.asked)
    else:
        sending = _send(screen, text, typed)
        screen.run_worker(sending, group="sending", exclusive=True, exit_on_error=False)


async def _send(screen: CompareScreen, text: str, typed: str) -> None:
    """The same where files are read first, or the user is asked what to do about a window."""
    session = screen.session
    try:
        prompt = await _prepared(screen, text, typed)
        if prompt is None:
            return
        tight = overflowing(session, session.asked, prompt)
    except ValueError as problem:
        _hold(screen, problem)
        return
    names = await lanes_to_ask(screen, prompt, tight) if tight else session.asked
    if names is not None and not screen.still_answering("; your prompt is kept"):
        _begin(screen, prompt, typed, names)


def _hold(screen: CompareScreen, problem: ValueError) -> None:
    say(screen.app, f"{problem}; your prompt is kept", "error")


def _begin(screen: CompareScreen, prompt: str, typed: str, names: list[str]) -> None:
    try:
        names = affordable(screen, names, prompt)
        run = screen.session.ask(prompt, typed, names) if names else None
    except ValueError as problem:
        _hold(screen, problem)
        return
    if run is not None:
        screen.prompt.taken()
        screen.begin(run)


async def look_ahead(screen: CompareScreen) -> None:
    """Input tokens, and the largest cost in all and of each lane, below a draft that is long or dear."""
    session, box = screen.session, screen.prompt
    folder = Path.cwd()
    try:
        prompt, files = await asyncio.to_thread(attach, box.full_text, meant(box.text, folder), folder)
        lanes = [session.lane_for(name, prompt) for name in session.asked]
    except ValueError as problem:
        box.show_forecast(visible_line(str(problem), 100))
        return
    if not lanes:
        return
    first, counted = lanes[0], None
    if sum(len(message.content) for message in first.messages) <= MOST_COUNTED:
        counted = await screen.runs.engine.count(first.messages, first.params.effort)
    told = await asyncio.to_thread(lambda: [forecast_of(lane, counted) for lane in lanes])
    most, tokens = total(told), max(each.input_tokens for each in told)
    if not files and tokens < LONG and (most is None or most < DEAR):
        box.show_forecast(None)
        return
    known = sorted((each for each in told if each.most_usd), key=lambda each: -(each.most_usd or 0))
    parts = [file.words for file in files[:2]]
    parts.append(f"{show(tokens, 'count', approximate=told[0].approximate)} tokens in")
    parts.append(f"at most {show(most, '$')} in all")
    if not session.blind.on:
        parts += [f"{each.lane} {show(each.most_usd, '$')}" for each in known[:4]]
    box.show_forecast(visible_line(" · ".join(parts), 160))


async def _prepared(screen: CompareScreen, text: str, typed: str) -> str | None:
    """The prompt to send, with its files; None to hold the draft back. Raises AttachmentError."""
    folder = Path.cwd()
    prompt, files, doubts = await asyncio.to_thread(_read, text, typed, folder)
    if doubts and screen.draft.doubted != text:
        screen.draft.doubted = text
        say(screen.app, f"There is no file {doubts[0]}: press Enter again to send it as it stands")
        return None
    if files:
        say(screen.app, f"With {', '.join(files)}")
    return prompt


def _read(text: str, typed: str, folder: Path) -> tuple[str, list[str], list[str]]:
    """In a thread: the prompt with its files, what is to be said of each, and the paths that may be mistyped.
    Raises AttachmentError."""
    prompt, files = attach(text, meant(typed, folder), folder)
    told = [f"{file.words}, ≈{estimate_tokens(file.text):,.0f} tokens" for file in files]
    return prompt, told, doubtful(typed, folder)


def affordable(screen: CompareScreen, names: Iterable[str], prompt: str, *, again: bool = False) -> list[str]:
    """Those of the lanes that may be asked; the others say why not in their panes. Raises ProfileError."""
    names = [*names]
    if (left := screen.session.left_usd) is None:
        return names
    lanes = [screen.session.lane_for(name, prompt, again=again) for name in names]
    no = refused(map(forecast_of, lanes), left)
    for pane in screen.grid.panes:
        if pane.lane in no:
            pane.transcript.note(no[pane.lane], "warning")
    if no:
        more = f" and {len(no) - MOST_NAMED} more" if len(no) > MOST_NAMED else ""
        say(screen.app, f"The budget leaves out {', '.join([*no][:MOST_NAMED])}{more}", "warning")
        screen.wake()
    return [name for name in names if name not in no]
