"""What is left to say when the app itself has failed: one line on the terminal, the stack trace in a file."""

from __future__ import annotations

import traceback

from rich.text import Text

from osstui.safe_text import visible_line


def told(error: BaseException | None) -> Text:
    """One line that names the error and the file with its stack trace, which is written on the way.

    Values of variables are not in that file: prompts and answers stay out of it.
    """
    what = visible_line(f"{type(error).__name__}: {error}", 200)
    return Text(f"osstui: a fault of its own ended the app: {what}; {_kept(error)}")


def _kept(error: BaseException | None) -> str:
    from platformdirs import user_log_path

    try:
        path = user_log_path("osstui", ensure_exists=True) / "crash.log"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as problem:
        return f"where it happened could not be written down ({problem.strerror or problem})"
    return f"where it happened stands in {path}"
