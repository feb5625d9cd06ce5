"""How lanes are asked: system prompt, effort, sampling, limits, form of the answer, and named profiles."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static, TextArea

from osstui.profile import Profile, response_fields
from osstui.safe_text import visible_line
from osstui.settings import checked_profile
from osstui.tui.screens.dialog import Dialog, dressed

if TYPE_CHECKING:
    from osstui.settings import Settings

HINTS = {
    "effort": "low · medium · high",
    "temperature": "0 always takes the likeliest token",
    "top_p": "0 to 1",
    "max_tokens": "output limit, reasoning included",
    "seed": "a whole number",
    "stop": r"END 'two words' \n",
    "response_format": "text · json · file of a JSON schema",
    "tools": "file of tools that the model may call",
    "builtin_tools": "the host's own: browser_search code_interpreter",
}
"""By field, in the dialog's order; the system prompt stands above them."""
HIGH = 36
"""Rows; below it no row is left free between the fields."""


class ParametersScreen(Dialog[Profile | None]):
    """Gives back the profile to use from now on; None when it was left."""

    CSS_PATH = dressed("parameters.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave as it was"),
        Binding("ctrl+s", "take", "Take these", priority=True),
        Binding("ctrl+k", "keep", "Keep as a profile", priority=True),
        Binding("ctrl+r", "reset", "Reset", priority=True),
    ]

    def __init__(self, title: str, profile: Profile, base: Profile, settings: Settings | None) -> None:
        super().__init__()
        self._title, self._profile, self._base, self._settings = title, profile, base, settings

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Label("system prompt")
            yield TextArea(
                self._profile.system or "",
                id="system",
                compact=True,
                tab_behavior="focus",
                placeholder="none",
            )
            for name, text in _texts(self._profile).items():
                with Horizontal():
                    yield Label(name.replace("_", " "))
                    yield Input(text, id=name, placeholder=HINTS[name], compact=True)
            with Horizontal():
                yield Label("profile")
                yield Input(
                    id="profile",
                    placeholder="a name: Enter loads, Ctrl+K keeps",
                    compact=True,
                )
            yield Static(id="said", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < HIGH, "-low")

    def on_mount(self) -> None:
        box = self.query_one(VerticalScroll)
        box.border_title = Content(f"Parameters of {self._title}")
        box.border_subtitle = Content("Ctrl+S uses these · Ctrl+R resets · Ctrl+K keeps · Esc cancels")
        if self._settings is not None:
            self._name_profiles(self._settings)

    @work(group="files", exit_on_error=False)
    async def _name_profiles(self, settings: Settings) -> None:
        """Says which profiles there are, and completes their names."""
        try:
            names = [*await asyncio.to_thread(settings.profiles)]
        except ValueError as problem:
            self._say(str(problem), "$error")
            return
        self._complete(names)
        self._say(f"profiles: {', '.join(names)}" if names else "no profile is kept yet", "$secondary")

    def _complete(self, names: Iterable[str]) -> None:
        self._input("profile").suggester = SuggestFromList(names, case_sensitive=False)

    def _input(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)

    def _fill(self, profile: Profile) -> None:
        self.query_one("#system", TextArea).text = profile.system or ""
        for name, text in _texts(profile).items():
            self._input(name).value = text

    async def _typed(self) -> Profile:
        """Raises ProfileError that names the field."""
        return await asyncio.to_thread(_checked, self._fields())

    def _fields(self) -> dict[str, object]:
        """What the boxes hold. Raises ValueError for an open quote."""
        fields: dict[str, object] = {}
        for name in HINTS:
            if text := self._input(name).value.strip():
                fields[name] = _WORDS[name](text) if name in _WORDS else text
        if system := self.query_one("#system", TextArea).text:
            fields["system"] = system
        return fields

    async def action_take(self) -> None:
        try:
            self.dismiss(await self._typed())
        except ValueError as problem:
            self._say(str(problem), "$error")

    def action_reset(self) -> None:
        """Back to what all lanes have; for all lanes, to what is sent when nothing is set."""
        self._fill(self._base)

    async def action_keep(self) -> None:
        name = self._input("profile").value.strip()
        if not name:
            self._say("Give the profile a name first", "$error")
            self._input("profile").focus()
        elif self._settings is None:
            self._say("There is no settings file to keep it in", "$error")
        else:
            try:
                await asyncio.to_thread(self._settings.keep_profile, name, await self._typed())
                self._complete(await asyncio.to_thread(self._settings.profiles))
            except ValueError as problem:
                self._say(str(problem), "$error")
            else:
                self._say(f"kept as {name}: osstui ask --profile {shlex.quote(name)} …", "$success")

    @on(Input.Submitted, "#profile")
    async def _load(self, event: Input.Submitted) -> None:
        if self._settings is None or not event.value.strip():
            return
        try:
            self._fill(await asyncio.to_thread(self._settings.profile, event.value.strip()))
        except ValueError as problem:
            self._say(str(problem), "$error")

    def _say(self, text: str, color: str) -> None:
        self.query_one("#said", Static).update(Content.styled(visible_line(text, 300), color))


def _texts(profile: Profile) -> dict[str, str]:
    """What the box of each field holds, as a user would write it."""
    texts = {name: "" if (value := getattr(profile, name)) is None else str(value) for name in HINTS}
    texts["stop"] = " ".join(shlex.quote(stop.replace("\n", "\\n")) for stop in profile.stop)
    texts["builtin_tools"] = " ".join(profile.builtin_tools)
    return texts


def _checked(fields: dict[str, object]) -> Profile:
    """In a thread: reads the files that are named. Raises ProfileError that names the field."""
    profile = checked_profile(fields)
    response_fields("openai-chat", profile.response_format)
    profile.offered_tools()
    return profile


def _stops(text: str) -> list[str]:
    r"""Words, quoted where they hold spaces; `\n` is a line break. Raises ValueError for an open quote."""
    words = shlex.shlex(text, posix=True)
    words.whitespace_split, words.escape, words.commenters = True, "", ""
    try:
        return [word.replace("\\n", "\n") for word in words]
    except ValueError as error:
        raise ValueError(f"stop: {error}") from None


_WORDS: dict[str, Callable[[str], list[str]]] = {"stop": _stops, "builtin_tools": str.split}
"""Fields of several words, and how they are read."""
