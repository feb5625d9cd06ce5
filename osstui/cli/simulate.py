"""`osstui simulate`: the simulated fleet in the foreground, for demos and for other programs' tests."""

from __future__ import annotations

import click


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    short_help="Serve the simulated hosts on 127.0.0.1.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(arguments: tuple[str, ...]) -> int:
    """Takes the options of `python -m osstui.simulator`."""
    from osstui.simulator.__main__ import main

    try:
        return main(arguments, "osstui simulate")
    except SystemExit as ending:  # argparse ends the process itself
        return ending.code if isinstance(ending.code, int) else 2
