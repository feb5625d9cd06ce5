"""Everything that the catalog knows of one provider, as lines for people."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

from osstui.catalog.presets import blended
from osstui.catalog.published import speeds
from osstui.catalog.rows import Here, KeyState, age, freshness, key_text, status_of
from osstui.catalog.shells import Shell, export_line
from osstui.catalog.table import UNKNOWN
from osstui.job import Price, Quirks

if TYPE_CHECKING:
    from osstui.catalog.models import Offer, OtherPrice, Provider, Published
    from osstui.job import Target

_WIDTH = 11
INDENT = _WIDTH + 3
"""Cells before a fact's text."""


@cache
def quirk_meanings() -> dict[str, str]:
    """Each quirk's docstring on one line, read from the source of `Quirks`; empty where there is none."""
    try:
        tree = ast.parse(dedent(inspect.getsource(Quirks)))
    except (OSError, TypeError, SyntaxError):
        return {}
    meanings: dict[str, str] = {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for declared, said in pairwise(body):
        if (
            isinstance(declared, ast.AnnAssign)
            and isinstance(declared.target, ast.Name)
            and isinstance(said, ast.Expr)
            and isinstance(said.value, ast.Constant)
            and isinstance(said.value.value, str)
        ):
            meanings[declared.target.id] = " ".join(said.value.value.split())
    return meanings


def describe(
    provider: Provider,
    target: Target,
    address: str,
    here: Here,
    shell: Shell,
) -> list[str]:
    """The entry's lines. `address` is what a request is posted to, `target` any of its models."""
    lines = [f"{provider.id} · {provider.name} · {status_of(provider)}", ""]
    facts: list[tuple[str, str]] = [("posts to", address), ("dialect", provider.dialect)]
    if provider.route_of:
        facts.append(("route of", f"{provider.route_of}: what this entry leaves unsaid is taken from there"))
    facts += [("website", provider.website)] if provider.website else []
    facts += [("notes", provider.notes)] if provider.notes else []
    facts += _key_facts(provider, here.keys.get(provider.id), here.servers.get(provider.id), shell)
    for name, variable in provider.variables.items():
        value = target.variables.get(name)
        from_env = f" (from {', '.join(variable.env)})" if variable.env else ""
        facts.append((f"{{{name}}}", f"{value or 'not set'}{from_env}"))
    for names in target.variables_env.values():
        facts += [("to set", export_line(names[0], shell))] if names else []
    facts += [(f"header {name}", value) for name, value in provider.headers.items()]
    lines += [_fact(name, text) for name, text in facts]
    lines += _quirks(provider.quirks)
    for model, offer in provider.models.items():
        lines += ["", *_offer(model, offer, provider.status, here.today)]
        if own := here.measured.get((provider.id, model)):
            lines.append(_fact("measured", speeds(offer, own, here.today)))
    return lines


def _key_facts(
    provider: Provider, key: KeyState | None, up: bool | None, shell: Shell
) -> Iterator[tuple[str, str]]:
    yield "key", key_text(provider, key, up)[0]
    if provider.api_key_env:
        several = " (the first one set is used)" if len(provider.api_key_env) > 1 else ""
        yield "variables", ", ".join(provider.api_key_env) + several
    if provider.api_key_command:
        yield "command", provider.api_key_command
    if provider.api_key_env and not (key is not None and key.present):
        yield "to set", export_line(provider.api_key_env[0], shell)


def _quirks(quirks: Quirks) -> list[str]:
    meanings = quirk_meanings()
    default = Quirks()
    lines = []
    for field in fields(Quirks):
        value = getattr(quirks, field.name)
        if value != getattr(default, field.name):
            lines.append(f"  {field.name} = {_plain(value)}")
            lines += [f"      {meanings[field.name]}"] if field.name in meanings else []
    return ["", "quirks", *lines] if lines else []


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _offer(model: str, offer: Offer, status: str, today: date) -> list[str]:
    own = f" · {offer.status}" if offer.status and offer.status != status else ""
    lines = [f"{model}{own}", _fact("id", offer.id)]
    sizes = [
        f"{size:,} {what}"
        for size, what in ((offer.context, "context"), (offer.max_output, "output"))
        if size
    ]
    lines += [_fact("tokens", ", ".join(sizes))] if sizes else []
    lines += [_fact("weights", offer.quantization)] if offer.quantization else []
    lines += [_fact("own tools", ", ".join(offer.builtin_tools))] if offer.builtin_tools else []
    lines += [_fact("notes", offer.notes)] if offer.notes else []
    lines.append(_fact("price", price_text(offer.price, today) if offer.price else "unknown"))
    lines += [_fact("also", _other(other, today)) for other in offer.other_prices]
    lines += [_fact("published", published_text(page, today)) for page in offer.published]
    return lines


def price_text(price: Price, today: date) -> str:
    """Amounts, the blend, source, date and age; whether it is stale."""
    stale = ", stale" if freshness(price.as_of, today) == "stale" else ""
    return (
        f"{_amounts(price.input, price.output, price.cached_input)}, blended {blended(price):.4g}"
        f" · {_origin(price.source, price.as_of, today)}{stale}"
    )


def _other(price: OtherPrice, today: date) -> str:
    known = (price.input, price.output, price.cached_input) != (None, None, None)
    amounts = [_amounts(price.input, price.output, price.cached_input)] if known else []
    note = [price.note] if price.note else []
    return " · ".join([*amounts, _origin(price.source, price.as_of, today), *note])


def published_text(page: Published, today: date) -> str:
    """A page's figures, its source, date and age."""
    figures = [
        f"{page.output_tps:g} tok/s" if page.output_tps is not None else "",
        f"TTFT {page.ttft_s:g} s" if page.ttft_s is not None else "",
        _amounts(page.input, page.output, None) if (page.input, page.output) != (None, None) else "",
        f"blended {page.blended:g}" if page.blended is not None else "",
    ]
    origin = _origin(page.source, page.as_of, today)
    return " · ".join([", ".join(f for f in figures if f), origin, *([page.note] if page.note else [])])


def _amounts(input: float | None, output: float | None, cached: float | None) -> str:
    def shown(amount: float | None) -> str:
        if amount is None:
            return UNKNOWN
        whole, _, fraction = f"{amount:.10g}".partition(".")
        return f"${whole}.{fraction:0<2}"

    more = f", cached {shown(cached)}" if cached is not None else ""
    return f"{shown(input)} in, {shown(output)} out{more}"


def _origin(source: str | None, as_of: date | None, today: date) -> str:
    dated = f"{as_of}, {age(as_of, today)}" if as_of else age(as_of, today)
    return f"{source or 'source not given'} ({dated})"


def _fact(name: str, text: str) -> str:
    return f"  {name.ljust(_WIDTH)} {text}"
