"""What a self-test asks of the simulated hosts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from osstui.job import Price

PRICE = Price(input=0.15, output=0.60, cached_input=0.075)
PROMPT = "Explain in detail, with a table and code, how a bicycle stays upright."


@dataclass(frozen=True, slots=True)
class Scenario:
    """Lanes that start together, each at `tps` output tokens/s in chunks of `chunk` tokens."""

    lanes: int = 8
    tps: float = 100.0
    tokens: int = 200
    """Answer tokens of each lane; a short reasoning comes before them."""
    chunk: int = 1
    ttft: float = 0.25
    """Seconds; each lane's is a little longer than the last one's, so that first tokens don't coincide."""

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return self.ttft + 0.013 * self.lanes + (self.tokens + 40) / self.tps

    def lane_names(self) -> list[str]:
        return [f"lane{number}" for number in range(self.lanes)]

    def write_catalog(self, path: Path, url: str, run: str) -> None:
        """A catalog whose providers are these lanes at the simulator; `run` marks their requests."""
        price = {"input": PRICE.input, "output": PRICE.output, "cached_input": PRICE.cached_input}
        providers = {
            name: {
                "name": f"Lane {number}",
                "base_url": f"{url}/{name}/v1",
                "dialect": "openai-chat",
                "headers": {"x-sim": self._wishes(number), "x-sim-id": f"{run}-{name}"},
                "quirks": {"rejected": ["max_tokens"]},
                "models": {"gpt-oss-120b": {"id": "openai/gpt-oss-120b", "price": price}},
            }
            for number, name in enumerate(self.lane_names())
        }
        model = {"name": "GPT-OSS 120B", "tokenizer": "o200k_harmony"}
        catalog = {"version": 1, "models": {"gpt-oss-120b": model}, "providers": providers}
        path.write_text(yaml.safe_dump(catalog), encoding="utf-8")

    def _wishes(self, number: int) -> str:
        wishes = {
            "ttft": self.ttft + 0.013 * number,
            "tps": self.tps,
            "tokens": self.tokens,
            "reasoning": 40,
            "chunk": self.chunk,
            "seed": number,
        }
        return ";".join(f"{name}={value:g}" for name, value in wishes.items())
