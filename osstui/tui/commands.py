"""Every command of the app: bindings, footer, help and palette are made from this one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

Scope = Literal["prompt", "pane", "compare", "history", "checks", "app"]

SCOPES: dict[Scope, str] = {
    "prompt": "In the prompt box",
    "pane": "In a pane",
    "compare": "Anywhere among the panes",
    "history": "In the history",
    "checks": "In the checks",
    "app": "Everywhere",
}
"""The headings of the help screen, in its order."""


@dataclass(frozen=True, slots=True)
class Command:
    """`id` is what a keymap names; `action` runs on the compare screen unless it names another namespace."""

    id: str
    keys: str
    title: str
    help: str
    scope: Scope
    action: str
    footer: str = ""
    """The word that the footer shows; empty keeps the command out of it."""
    priority: bool = False
    """Taken before the focused widget sees the key."""
    palette: bool = True
    shown_keys: str = ""
    """How the help writes the keys, where spelling them out would not read well."""
    listed: bool = True
    """False where another command's line in the help speaks for it."""

    @property
    def binding(self) -> Binding:
        return Binding(
            self.keys,
            self.action if self.scope == "prompt" or "." in self.action else f"screen.{self.action}",
            self.footer or self.title,
            show=bool(self.footer),
            priority=self.priority,
            tooltip=self.help,
            id=self.id,
        )

    @property
    def keys_for_people(self) -> str:
        if self.shown_keys:
            return self.shown_keys
        return "  ".join(_key_for_people(key) for key in self.keys.split(","))


def _key_for_people(key: str) -> str:
    *modifiers, name = key.split("+")
    name = {"question_mark": "?", "escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn"}.get(name, name)
    if not modifiers:
        return name if len(name) == 1 or name[0].isupper() else name.capitalize()
    return "+".join(part.capitalize() for part in (*modifiers, name))


COMMANDS: tuple[Command, ...] = (
    Command("prompt.send", "enter", "Send", "Send the prompt to every lane at once", "prompt", "send",
            footer="Send", palette=False),
    Command("prompt.newline", "ctrl+j,shift+enter,alt+enter", "New line",
            "Break the line; also Shift+Enter, Alt+Enter if the terminal tells", "prompt", "newline",
            palette=False, shown_keys="Ctrl+J"),
    Command("prompt.older", "up", "Older prompt", "On the first line: the prompt before this one", "prompt",
            "older", palette=False),
    Command("prompt.newer", "down", "Newer prompt", "On the last line: back towards your draft", "prompt",
            "newer", palette=False),
    Command("prompt.complete", "tab", "Complete a path",
            "After @: complete a file to put into the prompt, again the next; else go to the panes", "prompt",
            "complete", palette=False),
    Command("pane.zoom", "z,enter", "Zoom the pane", "Give one pane the whole grid, and back", "pane", "zoom",
            footer="Zoom"),
    Command("pane.cancel", "x,ctrl+x", "Cancel the lane", "Stop this answer; what arrived stays", "pane",
            "cancel_lane", footer="Cancel"),
    Command("pane.retry", "r", "Retry the lane", "Ask this lane the last prompt again", "pane",
            "converse('retry')", footer="Retry"),
    Command("pane.copy", "c,y", "Copy the answer", "Copy this answer to the clipboard", "pane",
            "read('copy')", footer="Copy"),
    Command("pane.fold", "f", "Fold the reasoning", "Fold or unfold what the model thought", "pane",
            "read('fold')", footer="Fold"),
    Command("pane.details", "i", "Details of the lane",
            "Every number or why it is missing, warnings, errors in full", "pane", "read('details')",
            footer="Details"),
    Command("pane.parameters", "o", "Parameters of the lane",
            "System prompt, effort, temperature and more for this lane alone", "pane",
            "converse('lane_parameters')"),
    Command("pane.go_on", "g", "Go on with the answer",
            "Finish an answer that was cut or met the token limit", "pane", "converse('go_on')"),
    Command("pane.tools", "t", "Answer tool calls",
            "Write what the tools give that this lane called, or run their commands", "pane",
            "converse('answer_calls')"),
    Command("pane.edit", "e", "Edit the last prompt", "Take the last turn back and edit its prompt", "pane",
            "converse('edit')"),
    Command("pane.adopt", "a", "Adopt the answer", "Every lane goes on with this answer", "pane",
            "converse('adopt')"),
    Command("pane.mute", "m", "Mute the lane", "Ask this lane no more, or let it in again", "pane",
            "converse('mute')"),
    Command("pane.fork", "d", "Fork the lane",
            "A second lane to the same model, with the same conversation", "pane", "converse('fork_lane')"),
    Command("pane.words", "w", "Compare word by word",
            "This answer against the next one's, what differs marked; n goes through the others", "pane",
            "judge('words')"),
    Command("pane.together", "s", "Scroll together", "Scroll one pane, and all go to the same place", "pane",
            "judge('together')"),
    Command("pane.vote", "v", "Vote for the answer",
            "This answer is the best of its turn; once more changes the vote", "pane", "judge('vote')"),
    Command("pane.draw", "equals_sign", "Call it a draw", "No answer of this turn is the best", "pane",
            "judge('draw')", shown_keys="="),
    Command("pane.blind", "b", "Blind mode",
            "Hide names and figures until you have voted, and shuffle the panes", "pane", "judge('blind')"),
    Command("pane.prompt", "p,slash", "Back to the prompt", "Put the cursor into the prompt box", "pane",
            "focus_prompt", footer="Prompt", shown_keys="p  /"),
    Command("pane.help", "question_mark", "Keys", "This list", "pane", "app.help", palette=False),
    Command("compare.stop", "escape", "Stop or step back",
            "Leave the zoom, go back to the prompt; twice: cancel every lane", "compare", "step_back",
            palette=False),
    Command("compare.cancel", "ctrl+c", "Cancel all lanes", "Stop every answer; what arrived stays",
            "compare", "cancel_all"),
    Command("compare.retry", "ctrl+r", "Retry what failed", "Ask every failed or cut lane again", "compare",
            "converse('retry_failed')"),
    Command("compare.lanes", "ctrl+l", "Choose lanes", "Which providers and models are asked", "compare",
            "app.choose_lanes", footer="Lanes"),
    Command("compare.parameters", "ctrl+o", "Parameters",
            "System prompt, effort, temperature and more for all lanes; profiles", "compare",
            "converse('parameters')"),
    Command("compare.turns", "f4", "Turns", "Edit an earlier prompt, or go on from an earlier turn",
            "compare", "converse('turns')"),
    Command("compare.regenerate", "f5", "Regenerate", "Ask every lane the last prompt again", "compare",
            "converse('regenerate')"),
    Command("compare.new", "ctrl+n", "New conversation", "Begin afresh: earlier turns are sent no more",
            "compare", "new_conversation", footer="New"),
    Command("compare.next", "ctrl+right", "Next pane", "Move between panes and the prompt", "compare",
            "move_focus('right')", shown_keys="Ctrl+Arrows  Tab", palette=False),
    Command("compare.previous", "ctrl+left", "Previous pane", "Move to the pane on the left", "compare",
            "move_focus('left')", palette=False, listed=False),
    Command("compare.up", "ctrl+up", "Pane above", "Move to the pane above", "compare", "move_focus('up')",
            palette=False, listed=False),
    Command("compare.down", "ctrl+down", "Pane below", "Move to the pane below, at last to the prompt",
            "compare", "move_focus('down')", palette=False, listed=False),
    *(
        Command(f"compare.pane{n}", f"alt+{n}", f"Pane {n}", "Move to that pane, from the prompt too",
                "compare", f"focus_pane({n})", priority=True, palette=False,
                shown_keys="Alt+1…9", listed=n == 1)
        for n in range(1, 10)
    ),
    *(
        Command(f"pane.number{n}", f"{n}", f"Pane {n}", "Move to that pane", "pane", f"focus_pane({n})",
                palette=False, shown_keys="1…9", listed=n == 1)
        for n in range(1, 10)
    ),
    Command("compare.blind", "ctrl+b", "Blind mode", "The same as b in a pane, from the prompt too",
            "compare", "judge('blind')", palette=False),
    Command("compare.ranking", "f12", "Ranking", "What your votes make of hosts and models", "compare",
            "judge('ranking')"),
    Command("compare.history", "ctrl+g", "History", "Earlier conversations: find, open, name, delete",
            "compare", "app.history", footer="History"),
    Command("compare.check", "f3", "Check hosts",
            "Is each host up, does it take the key, is it the model, does it do what it says", "compare",
            "app.check"),
    Command("compare.reopen", "f7", "Reopen what was cut",
            "Bring back the answers that an end of osstui cut off", "compare", "app.reopen", priority=True),
    Command("compare.export", "f6", "Export", "Write the last turn, or all turns, into a file",
            "compare", "app.export", priority=True),
    Command("app.picture", "f8", "Picture of the screen", "Write the screen into an SVG file", "app",
            "app.picture", priority=True),
    Command("history.open", "enter", "Open", "Bring the conversation into the panes and go on with it",
            "history", "open", footer="Open", palette=False),
    Command("history.play", "ctrl+y", "Play", "Play its newest run, or the one found, again at its own pace",
            "history", "play", footer="Play", palette=False),
    Command("history.rename", "ctrl+r", "Rename", "Give the conversation another title", "history", "rename",
            footer="Rename", palette=False),
    Command("history.tag", "ctrl+t", "Tags", "Tag the conversation, or take tags away", "history", "tag",
            footer="Tags", palette=False),
    Command("history.pin", "ctrl+b", "Pin", "Pin the conversation, or unpin it", "history", "pin",
            footer="Pin", palette=False),
    Command("history.export", "ctrl+e", "Export", "Write all its turns into one file", "history", "export",
            footer="Export", palette=False),
    Command("history.delete", "ctrl+d", "Delete", "Delete the conversation for good, after asking", "history",
            "delete", footer="Delete", palette=False),
    Command("checks.open", "enter", "Evidence", "The rule, the reason, and the requests and responses",
            "checks", "open", footer="Evidence", palette=False),
    Command("checks.run", "r", "Run", "Choose the battery and check every host from the start", "checks",
            "run", footer="Run", palette=False),
    Command("checks.host", "h", "Host again", "Check this host again", "checks", "host",
            footer="Again", palette=False),
    Command("checks.cell", "c", "Cell again", "Carry out this one check again", "checks", "cell",
            footer="Cell", palette=False),
    Command("checks.cancel", "x,ctrl+c", "Cancel", "Stop the checks; what is known stays", "checks", "cancel",
            footer="Cancel", palette=False),
    Command("checks.turn", "t", "Turn the table", "Hosts become the columns, or the rows", "checks", "turn",
            footer="Turn", palette=False),
    Command("checks.all", "a", "All hosts", "Every host that can be asked, or the lanes alone", "checks",
            "all", footer="All", palette=False),
    Command("checks.save", "s", "Save", "Write the report into a file: JSON, JUnit XML or text", "checks",
            "save", footer="Save", palette=False),
    Command("checks.copy", "y", "Copy", "Copy the tables and every reason", "checks", "copy", palette=False),
    Command("app.palette", "ctrl+p", "Commands", "Find a command by name", "app", "app.command_palette",
            footer="Commands", priority=True, palette=False),
    Command("app.help", "f1", "Keys and commands", "This list", "app", "app.help", footer="Help"),
    Command("app.keys", "f2", "Keys to get", "Which keys osstui would use, best first, and the line for each",
            "app", "app.keys"),
    Command("app.theme", "ctrl+t", "Next theme", "Go through the themes", "app", "app.next_theme"),
    Command("app.themes", "f9", "Choose a theme", "Every theme by name", "app", "app.change_theme"),
    Command("app.quit", "ctrl+q", "Quit", "Leave osstui; answers that still stream are cancelled", "app",
            "app.quit", footer="Quit", priority=True),
)  # fmt: skip


def bindings(scope: Scope) -> list[Binding]:
    """The bindings of one scope, for the class that stands for it."""
    return [command.binding for command in COMMANDS if command.scope == scope]


class CommandProvider(Provider):
    """The same table in the command palette."""

    async def discover(self) -> Hits:
        for command in COMMANDS:
            if command.palette:
                yield DiscoveryHit(command.title, self._runner(command), help=_palette_help(command))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in COMMANDS:
            # what a command does is looked through too, after every title
            score = matcher.match(command.title) or matcher.match(command.help) / 2
            if command.palette and score > 0:
                runner = self._runner(command)
                yield Hit(score, matcher.highlight(command.title), runner, help=_palette_help(command))

    def _runner(self, command: Command) -> Callable[[], object]:
        return partial(self.app.run_action, command.action, self.screen)


def _palette_help(command: Command) -> str:
    return f"{command.help} · {command.keys_for_people}"
