"""What is charged for: usage against the exact local count, the prompt's tokens, and the host's own cost."""

from __future__ import annotations

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host, Plan, Verdict, failed, not_applicable, passed, unanswered, warned
from osstui.checks.streams import PARAGRAPH
from osstui.checks.thinking import RIDDLE
from osstui.checks.tooling import WEATHER
from osstui.events import Usage
from osstui.measure.cost import priced
from osstui.measure.tokens import (
    MARKERS,
    local_source,
    more_reported_than_seen,
    reasoning_is_beside,
    reasoning_is_hidden,
    reported_output,
)

FILLER = (
    "Naïve coöperation, 日本語 and Ω: the 4,096 lamps of the harbour went out one by one, and nobody on the "
    "quay — neither the pilot nor the two customs officers — could say afterwards which had been the first.\n"
) * 6
PROMPT_SLACK = 3
"""Tokens by which templates may differ between prompts of one shape (Kimi-Vendor-Verifier allows 3)."""
SYSTEM_SLACK = 12
"""A system message moves into a developer message with headings of its own."""
TOOL_SLACK = 2.0
"""Times: hosts render a schema as TypeScript, as the released template does, or as JSON."""
HIDDEN_PROMPT = 150
"""Tokens beyond the template that no version of it explains."""
COST_SLACK = 0.02
OVERCHARGE = 1.25
SURPLUS = 0.05
ENOUGH = 100
"""Counted tokens from which on a surplus of so little is told from a marker more."""
SHORTFALL = 0.03
"""A count can be above the report only where the model's own tokens differ from the usual ones."""


def usage(host: Host) -> Plan:
    """Judges one answer with little reasoning and one with more. Passes when usage tells input and output
    tokens that add up to its total, and the output agrees with the exact local count (gpt-oss: count +
    about 10 markers); with another tokenizer, when a token has 2 to 8 characters. Warns when usage is
    missing, partial or at odds with itself (more reasoning than output, more cached than input), when the
    output falls short of the count by more than 3 % (reasoning left out) or is more than 5 % above it (10 %
    where the answer is short), or tells of reasoning that was not shown. Fails when more than 25 % too much
    is charged although reasoning is shown. Source: Kimi-Vendor-Verifier's usage checks; gpt-oss's markers
    were measured on llama.cpp and vLLM."""
    seen = yield [PARAGRAPH, RIDDLE]
    if bad := unanswered(seen):
        return bad
    verdicts = [_judge_usage(one) for one in seen]
    return next((verdict for verdict in verdicts if verdict.result != "pass"), verdicts[0])


def _judge_usage(seen: Observation) -> Verdict:
    lane, told = seen.lane, seen.lane.usage
    reported, counted = reported_output(lane), lane.seen.tokens
    numbers: dict[str, object] = {
        "reported": None if told is None else {
            "input": told.input, "output": told.output, "reasoning": told.reasoning, "cached": told.cached,
            "total": told.total,
        },
        "counted_output": round(counted),
        "counted_reasoning": round(lane.reasoned.tokens),
    }  # fmt: skip
    if told is None or reported is None:
        return warned("no usage is sent: tokens, speed and cost can only be counted", seen, **numbers)
    if told.input is None:
        return warned("usage does not tell the input tokens", seen, **numbers)
    if odd := _at_odds(told):
        return warned(f"usage does not add up: {odd}", seen, **numbers)
    if local_source(lane) == "counted":
        if reported < counted * (1 - SHORTFALL) - 2:
            why = f"{reported} output tokens reported, {counted:.0f} counted: reasoning left out?"
            return warned(why, seen, **numbers)
        extra = reported / (counted + MARKERS) - 1
        shown = f"{reported} output tokens for {counted:.0f} shown and {MARKERS} markers"
        if lane.reasoned.chunks and reported > counted * OVERCHARGE + MARKERS:
            return failed(f"charges {shown}: {extra:.0%} too many", seen, **numbers)
        if reasoning_is_hidden(lane):
            why = f"{told.reasoning} reasoning tokens reported, {lane.reasoned.tokens:.0f} shown as such"
            return warned(why, seen, **numbers)
        surplus = counted >= ENOUGH and reported > counted * (1 + SURPLUS) + MARKERS
        if surplus or more_reported_than_seen(lane):
            return warned(f"{shown}: {extra:.0%} too many", seen, **numbers)
    else:
        chars = len(lane.text) + len(lane.reasoning)
        if not chars / 8 - 2 <= reported <= chars / 2 + MARKERS:
            return warned(f"{reported} output tokens for {chars} characters", seen, **numbers)
    place = (
        "not told apart" if told.reasoning is None else "within them" if reported == told.output else "beside"
    )
    why = f"{told.output} output tokens reported, reasoning {place}; {counted:.0f} counted"
    return passed(why, seen, **numbers)


def _at_odds(told: Usage) -> str | None:
    """How the reported numbers contradict each other."""
    input, output = told.input or 0, told.output or 0
    if not input or not output:
        return f"{input} input and {output} output tokens"
    if told.total not in (None, input + output) and not reasoning_is_beside(told):
        return f"{input} input and {output} output tokens are told as {told.total} in all"
    if (told.reasoning or 0) > output and told.total == input + output:
        return f"{told.reasoning} reasoning tokens among {output} output tokens"
    if (told.cached or 0) > input:
        return f"{told.cached} cached tokens among {input} input tokens"
    return None


def prompt_tokens(host: Host) -> Plan:
    """Passes when a known text adds exactly its tokens (± 3) to the reported prompt, a system message its
    own (± 12), a tool about its own (half to double: schemas are written down in several ways), and what is
    left over is the size of the harmony template. Warns on another difference, or when a hidden prompt of
    more than 150 tokens stands before ours; fails when the text adds more than 25 % too many or too few
    tokens. Compares differences, as the template holds a date and hosts vary it. Source: Kimi-Vendor-
    Verifier's prompt_tokens test."""
    ask = "Reply with exactly: OK"
    short, long, system, tool = yield [
        probe(ask, max_tokens=256),
        probe(f"{FILLER}\n{ask}", max_tokens=256),
        probe(ask, system="You answer briefly, and you never apologise.", max_tokens=256),
        probe(ask, tools=(WEATHER,), max_tokens=256),
    ]
    if bad := unanswered([short, long, system]):
        return bad
    if not host.target.exact_tokenizer or short.lane.info.input_tokens is None:
        return not_applicable("the model's tokenizer is not known here")
    reported = [_reported_input(seen) for seen in (short, long, system, tool)]
    counted = [seen.lane.info.input_tokens for seen in (short, long, system, tool)]
    r_short, r_long, r_system, r_tool = reported
    c_short, c_long, c_system, c_tool = counted
    if not r_short or not r_long or not r_system:
        return not_applicable("usage does not tell the input tokens", short)
    assert c_short is not None
    assert c_long is not None
    assert c_system is not None
    numbers = {"reported": reported, "counted": counted}
    grew, should = r_long - r_short, c_long - c_short
    if not should / OVERCHARGE <= grew <= should * OVERCHARGE:
        return failed(f"a text of {should} tokens counts as {grew}", long, short, **numbers)
    if abs(grew - should) > PROMPT_SLACK:
        return warned(f"a text of {should} tokens counts as {grew}: another tokenizer?", long, **numbers)
    if abs((r_system - r_short) - (c_system - c_short)) > SYSTEM_SLACK:
        why = f"a system message of {c_system - c_short} tokens counts as {r_system - r_short}"
        return warned(why, system, **numbers)
    if tool.ok and not tool.dropped("tools") and r_tool is not None and c_tool is not None:
        added, own = r_tool - r_short, c_tool - c_short
        if not own / TOOL_SLACK <= added <= own * TOOL_SLACK:
            return warned(f"a tool of about {own} tokens counts as {added}", tool, short, **numbers)
    if r_short - c_short > HIDDEN_PROMPT:
        return warned(f"about {r_short - c_short} tokens of hidden prompt before ours", short, **numbers)
    return passed(f"a text of {should} tokens counts as {grew}", long, **numbers)


def cost(host: Host) -> Plan:
    """Passes when the cost that the host tells equals tokens × the catalog's price within 2 %. Warns when
    it does not: price changed, another route, or a surcharge. Not applicable where it tells none, or where
    the catalog has no price. Source: ours; hosts' own price pages give the formula."""
    (seen,) = yield [PARAGRAPH]
    if bad := unanswered([seen]):
        return bad
    told = seen.lane.usage
    if told is None or told.cost_usd is None:
        return not_applicable("the host does not tell its cost")
    price = host.target.price
    if price is None:
        return not_applicable("the catalog has no price", seen, told_usd=told.cost_usd)
    if told.input is None or told.output is None:
        return not_applicable("usage does not tell the tokens", seen)
    expected = priced(price, told.input, told.output, told.cached or 0)
    numbers = {"told_usd": told.cost_usd, "catalog_usd": expected}
    if abs(told.cost_usd - expected) > COST_SLACK * expected + 1e-7:
        ratio = f"{told.cost_usd / expected:.2f} ×" if expected else "not"
        return warned(f"the host's cost is {ratio} the catalog's", seen, **numbers)
    return passed(f"${told.cost_usd:.6f}, as by the catalog's price", seen, **numbers)


def _reported_input(seen: Observation) -> int | None:
    return seen.lane.usage.input if seen.lane.usage else None
