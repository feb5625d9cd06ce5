"""Blind mode: which letter stands for which lane, while the user is to judge answers and not names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random, SystemRandom
from string import ascii_uppercase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osstui.conversation.turn import Turn
    from osstui.job import Target

UNNAMED = "…"
"""What stands for a name that is no lane's own: a model, a host."""
_MONEY = r"\$\d+(?:[.,]\d+)*"


@dataclass(slots=True, eq=False)
class Blind:
    """`on` lasts until it is switched off; `hidden` lasts until the user has judged, then again from the next
    prompt on. Letters are dealt anew for every prompt."""

    on: bool = False
    hidden: bool = False
    letters: dict[str, str] = field(default_factory=dict)
    """By lane, in the order of the letters; kept after the names are shown."""
    turn: Turn | None = None
    """The one that the letters were dealt for."""
    random: Random = field(default_factory=SystemRandom)
    _hosts: dict[str, Target] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def deal(self, lanes: Mapping[str, Target], turn: Turn | None = None) -> None:
        """Hides the names behind letters in an order by chance."""
        self.turn = turn
        names = [*lanes]
        self.random.shuffle(names)
        self.hidden, self.letters, self._hosts = True, {}, {}
        self.join({name: lanes[name] for name in names})

    def join(self, lanes: Mapping[str, Target]) -> None:
        """The next letters for lanes that have none."""
        for name in [name for name in lanes if name not in self.letters]:
            self.letters[name] = letter(len(self.letters))
        self._hosts |= lanes
        self._pattern = None

    def reveal(self) -> None:
        self.hidden = False

    def forget(self) -> None:
        """Nobody has a letter until the next prompt."""
        self.hidden, self.letters = False, {}

    def leave(self) -> None:
        """Switches it off."""
        self.on = False
        self.forget()

    def called(self, name: str) -> str:
        """What a lane is called on the screen now."""
        return self.letters.get(name, UNNAMED) if self.hidden else name

    def masked(self, text: str) -> str:
        """A line that may name lanes, hosts, models or prices, without them while they are hidden."""
        if not self.hidden:
            return text
        if self._pattern is None:
            names = sorted({*self.letters, *self._host_names()}, key=len, reverse=True)
            known = "|".join(re.escape(name) for name in names)
            self._pattern = re.compile(rf"(?<!\w)(?:{known})(?!\w)|{_MONEY}", re.IGNORECASE)
        own = {name.casefold(): letter for name, letter in self.letters.items()}
        return self._pattern.sub(lambda match: own.get(match.group().casefold(), UNNAMED), text)

    def _host_names(self) -> set[str]:
        names = set[str]()
        for target in self._hosts.values():
            names |= {target.provider, target.provider_name, target.model, target.model_id, target.base_url}
            names |= {*target.api_key_env}
        return names - {""}


def letter(number: int) -> str:
    """A … Z, then A2 …"""
    again, at = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[at] + (str(again + 1) if again else "")
