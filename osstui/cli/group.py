"""Which command is meant, and how it talks to people: lines on stderr, errors with exit code 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from osstui import __version__
from osstui.safe_text import encodable, visible_line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

APP = "app"
COMMANDS: dict[str, str] = {
    APP: "osstui.cli.app:app",
    "ask": "osstui.cli.ask:ask",
    "check": "osstui.cli.check:check",
    "providers": "osstui.cli.providers:providers",
    "catalog": "osstui.cli.catalog:catalog",
    "history": "osstui.cli.history:history",
    "replay": "osstui.cli.replay:replay",
    "export": "osstui.cli.export:export",
    "import": "osstui.cli.import_:import_",
    "simulate": "osstui.cli.simulate:simulate",
    "selftest": "osstui.cli.selftest:selftest",
}
"""Where each command stands. `app` is what runs when no command is named."""

WRONG_USAGE = 2
INTERRUPTED = 130


class Text(click.types.StringParamType):
    """A text that can be sent and stored, whatever bytes were typed; paths keep theirs."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return encodable(super().convert(value, param, ctx))


def _with_clean_texts(command: click.Command) -> click.Command:
    """The command, each plain string that it takes being a `Text`."""
    for param in command.params:
        if param.type is click.STRING:
            param.type = Text()
    return command


class LazyGroup(click.Group):
    """Imports a command when it is called: `places` says where each stands, as `module:name`."""

    def __init__(self, *args: Any, places: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *self.places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = self.commands.get(cmd_name)
        if command is None and (place := self.places.get(cmd_name)) is not None:
            module, _, name = place.partition(":")
            command = getattr(import_module(module), name)
            assert isinstance(command, click.Command)
        return None if command is None else _with_clean_texts(command)


class Osstui(LazyGroup):
    """What begins with no command's name is for the app."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name != APP]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = [*self.list_commands(ctx), "--help", "-h", "--version"]
        completing = ctx.resilient_parsing and not args
        if not completing and (not args or args[0] not in known):
            args = [APP, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """A command's name, or an option of the app."""
        app = self.get_command(ctx, APP)
        assert app is not None
        below = click.Context(app, ctx, APP, resilient_parsing=True)
        found = [*super().shell_complete(ctx, incomplete), *app.shell_complete(below, incomplete)]
        return [*{item.value: item for item in found}.values()]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("osstui", "[OPTIONS] [PROMPT] | COMMAND …")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        app = self.get_command(ctx, APP)
        assert app is not None
        options = [param for param in app.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        records += [("--version", "Show the version and exit.")]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(
    cls=Osstui,
    places=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="osstui %(version)s")
def osstui() -> None:
    """One prompt to several LLM providers side by side, with true numbers.

    Without a command the app opens; a PROMPT is sent at once. To send a prompt that is a command's name,
    write it after two dashes: osstui -- ask
    """


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line."""
    try:
        code = osstui.main(list(arguments), prog_name="osstui", standalone_mode=False)
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "osstui"
        click.echo(visible_line(f"{where.removesuffix(' ' + APP)}: {error.format_message()}"), err=True)
        return WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def wrong(message: str) -> NoReturn:
    """Ends the command with this line on stderr and exit code 2."""
    raise click.ClickException(message)


def narrate(text: str) -> None:
    """One line on stderr, whatever became of stderr."""
    with suppress(OSError):
        click.echo(f"osstui: {visible_line(text)}", err=True)
