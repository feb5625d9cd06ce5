"""What the app opens with, as the command line says it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from osstui.job import Params
from osstui.profile import Profile

if TYPE_CHECKING:
    from osstui.conversation.keeping import Where
    from osstui.events import AnyEvent
    from osstui.measure.forecast import Budget
    from osstui.settings import Settings


class Simulator(Protocol):
    """A simulated fleet of providers on loopback."""

    async def start_async(self) -> str:
        """Its base URL, once it listens."""
        ...

    def close(self) -> None: ...


def simulator_process() -> Simulator:
    """The simulated fleet in a process of its own."""
    from osstui.simulator.process import SimulatorProcess

    return SimulatorProcess()


class Recorded(NamedTuple):
    """Runs to play, and how fast; 1 is their own pace."""

    runs: Sequence[Sequence[AnyEvent]]
    speed: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Each part may be left out: without any of them the app asks the best hosts that it finds."""

    lanes: Sequence[str] = ()
    """Specs, as the user wrote them."""
    preset: str | None = None
    demo: bool | Literal["auto"] = "auto"
    """`auto`: where neither a key nor a local server is found."""
    prompt: str | None = None
    """Sent at once, with what was piped in."""
    piped: str = ""
    draft: str = ""
    """Put into the prompt box, not sent."""
    params: Params = field(default_factory=Params)
    profile: Profile = field(default_factory=Profile)
    """For every lane."""
    budget: Budget | None = None
    settings: Settings | None = None
    """None: no profile, no theme is kept."""
    history: Where = lambda: None
    record: Path | None = None
    """The file of `--record`."""
    play: Recorded | None = None
    """In the place of asking."""
    simulator: Callable[[], Simulator] = simulator_process
    themes: Path | None = None
    """Stands for the themes that come with osstui."""

    @property
    def parts(self) -> list[str]:
        """The paragraphs that the prompt box begins with; none when nothing was given."""
        parts = [part for part in (self.prompt, self.piped, self.draft and f"{self.draft} ") if part]
        return [*parts, ""] if parts == [self.piped] else parts
