"""How an environment variable is set, in the shell that the user types in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath, PureWindowsPath
from typing import Literal

Shell = Literal["posix", "fish", "csh", "powershell", "cmd"]

_FORMS: dict[Shell, str] = {
    "posix": "export {name}={value}",
    "fish": "set -gx {name} {value}",
    "csh": "setenv {name} {value}",
    "powershell": "$env:{name} = '{value}'",
    "cmd": "set {name}={value}",
}


def shell_of(environ: Mapping[str, str], *, windows: bool = False) -> Shell:
    """The user's shell, as far as the environment tells. On Windows, PSModulePath is set by PowerShell alone
    to a folder of the user's; otherwise SHELL names the login shell."""
    shell = environ.get("SHELL", "")
    name = PurePath(shell).name or PureWindowsPath(shell).name
    if windows and not name:
        return "powershell" if "Documents" in environ.get("PSModulePath", "") else "cmd"
    if name in ("pwsh", "powershell", "pwsh.exe", "powershell.exe"):
        return "powershell"
    if name in ("csh", "tcsh"):
        return "csh"
    return "fish" if name == "fish" else "posix"


def export_line(name: str, shell: Shell = "posix", value: str = "…") -> str:
    """The line that sets a variable for this session; `value` is a placeholder, never a key."""
    return _FORMS[shell].format(name=name, value=value)
