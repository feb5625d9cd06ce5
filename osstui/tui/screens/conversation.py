"""What can be done to a conversation and to how it is asked: the actions behind `converse` in the table of
commands. Imported when the first of them is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from osstui.profile import Profile
from osstui.tui.say import say

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.widgets.pane import LanePane


def parameters(screen: CompareScreen) -> None:
    """Of all lanes."""

    def take(profile: Profile | None) -> None:
        if profile is not None:
            screen.session.profile = profile
            screen.show_parameters()

    _parameters_screen(screen, "all lanes", screen.session.profile, Profile(), take)


def lane_parameters(screen: CompareScreen) -> None:
    """Of the current pane's lane alone."""
    if (pane := screen.current_pane) is None:
        return
    lane = pane.lane

    def take(profile: Profile | None) -> None:
        if profile is not None:
            screen.session.parameters(lane, profile)
            screen.show_parameters()

    _parameters_screen(screen, lane, screen.session.profile_of(lane), screen.session.profile, take)


def _parameters_screen(
    screen: CompareScreen, title: str, profile: Profile, base: Profile, take: Callable[[Profile | None], None]
) -> None:
    from osstui.tui.screens.parameters import ParametersScreen

    screen.app.push_screen(ParametersScreen(title, profile, base, screen.settings), take)


def _need_pane(screen: CompareScreen, act: Callable[[CompareScreen, LanePane], None]) -> None:
    if screen.session.busy:
        say(screen.app, "Lanes are still answering: wait, or cancel them with Ctrl+C")
    elif (pane := screen.current_pane) is not None:
        act(screen, pane)


ACTIONS: dict[str, Callable[[CompareScreen], None]] = {
    "parameters": parameters,
    "lane_parameters": lane_parameters,
}
