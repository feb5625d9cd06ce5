"""Running clocks and sparklines. Every other number is written by `osstui.measure.format`."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def clock(ns: int) -> str:
    """A running time of one width per form: `0.4 s`, `59.9 s`, `4:05`, `1:02:03`."""
    s = max(0, ns) / 1e9
    if s < 59.95:
        return f"{s:.1f} s"
    minutes, rest = divmod(int(s + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as bars of one cell each, scaled to the highest of them, flush right."""
    shown = values[-width:] if width > 0 else ()
    top = max(shown, default=0.0)
    bars = "".join(_BARS[min(7, max(0, round(value / top * 7)))] if top > 0 else _BARS[0] for value in shown)
    return bars.rjust(max(0, width))
