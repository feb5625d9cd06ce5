"""Options that say how lanes are asked, and the profile that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osstui.cli.group import narrate, wrong
from osstui.cli.options import Finite, together
from osstui.job import Params
from osstui.profile import FIELDS, Profile

if TYPE_CHECKING:
    from osstui.measure.forecast import Budget

_DEFAULT = Params()
_SECONDS = Finite(min=0, min_open=True)
_TIMES = ("timeout", "first_token_timeout", "idle_timeout", "retries")

profile_options = together(
    click.option("--profile", metavar="NAME", help="Ask as this profile of your settings says; options win."),
    click.option("--system", metavar="TEXT", help="A system message before the prompt."),
    click.option("--effort", type=click.Choice(["low", "medium", "high"]), help="How long to reason."),
    click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                 help="Output limit, reasoning included."),
    click.option("--temperature", type=Finite(min=0), metavar="X",
                 help="0 always takes the likeliest token."),
    click.option("--top-p", type=Finite(min=0, max=1), metavar="X",
                 help="Choose among the tokens that make up this share."),
    click.option("--seed", type=int, metavar="N", help="The same answer again, at hosts that can."),
    click.option("--stop", multiple=True, metavar="S", help="End before this text; may be repeated."),
    click.option("--response-format", metavar="text|json|FILE",
                 help="A JSON object, or JSON by the schema in FILE."),
    click.option("--tools", metavar="FILE", help="Offer the tools in FILE, JSON or YAML; calls are checked."),
    click.option("--builtin-tool", "builtin_tools", multiple=True, metavar="NAME",
                 help="Switch a host's own tool on, such as browser_search; may be repeated."),
)  # fmt: skip

time_options = together(
    click.option("--timeout", type=_SECONDS, default=_DEFAULT.timeout, metavar="S", show_default=True,
                 help="Seconds for a whole lane, retries included."),
    click.option("--first-token-timeout", type=_SECONDS, default=_DEFAULT.first_token_timeout, metavar="S",
                 show_default=True, help="Seconds until the first token."),
    click.option("--idle-timeout", type=_SECONDS, default=_DEFAULT.idle_timeout, metavar="S",
                 show_default=True, help="Longest silence between two pieces, in seconds."),
    click.option("--retries", type=click.IntRange(min=0), default=_DEFAULT.retries, metavar="N",
                 show_default=True, help="Attempts after a first one that got nothing."),
)  # fmt: skip


file_option = click.option(
    "-f", "--file", "files", multiple=True, metavar="FILE",
    help="Put a text file into the prompt; may be repeated.",
)  # fmt: skip


budget_options = together(
    click.option("--max-cost", type=Finite(min=0), metavar="USD",
                 help="Send no lane that might pass this, all prompts together."),
    click.option("--max-cost-per-prompt", "max_cost_per_prompt", type=Finite(min=0), metavar="USD",
                 help="The same for each prompt by itself."),
)  # fmt: skip


def budget(options: dict[str, Any]) -> Budget:
    from osstui.measure.forecast import Budget

    return Budget(options["max_cost_per_prompt"], options["max_cost"])


def with_files(prompt: str, files: tuple[str, ...]) -> str:
    """The prompt with the files' texts behind it; tells their sizes. Ends the command for one that can't be
    used."""
    if not files:
        return prompt
    from osstui.attachments import AttachmentError, attach
    from osstui.measure.estimate import estimate_tokens

    try:
        text, attached = attach(prompt, files, Path.cwd())
    except AttachmentError as problem:
        wrong(str(problem))
    for file in attached:
        narrate(f"with {file.words}, ≈{estimate_tokens(file.text):,.0f} tokens")
    return text


def asked_profile(options: dict[str, Any]) -> Profile:
    """The named profile with the options laid over it. Ends the command for one that can't be used."""
    from osstui.profile import response_fields

    try:
        base = Profile()
        if name := options["profile"]:
            from osstui.settings import Settings, settings_path

            base = Settings(settings_path()).profile(name)
        wishes = {name: options[name] for name in FIELDS if options[name] not in (None, ())}
        profile = base.laid_under(wishes)
        response_fields("openai-chat", profile.response_format)
        profile.offered_tools()
    except ValueError as problem:
        wrong(str(problem))
    return profile


def times(options: dict[str, Any]) -> Params:
    """How long to wait and how often to try again."""
    return Params(**{name: options[name] for name in _TIMES})
