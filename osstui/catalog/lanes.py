"""How lanes are named on the command line: `PROVIDER[:MODEL]`, several with commas."""

from __future__ import annotations

from collections.abc import Collection


def parse_lanes(text: str, providers: Collection[str] = ()) -> list[str]:
    """`a,b:model` → `["a", "b:model"]`.

    A comma separates lanes unless it stands inside a model id: after a colon, it separates only when what
    follows is a lane again, that is a known provider's id or something with a colon of its own.
    """
    lanes: list[str] = []
    for piece in (part.strip() for part in text.split(",")):
        is_lane = ":" in piece or piece in providers
        if lanes and ":" in lanes[-1] and piece and not is_lane:
            lanes[-1] += f",{piece}"
        elif piece:
            lanes.append(piece)
    return lanes
