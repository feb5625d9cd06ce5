"""Exact token counts with o200k_harmony, the vocabulary of gpt-oss.

The vocabulary comes inside the wheel of oss-harmony (no download); loading it takes about 0.3 s and 90 MB and
holds the interpreter, so it is loaded before the first connection opens and never while a lane is live.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from osstui.job import Effort, Message, Tool

if TYPE_CHECKING:
    from openai_harmony import HarmonyEncoding
    from openai_harmony import Message as HarmonyMessage

Encode = Callable[[str], int]

_SETTLE_CHARS = 96
_HARD_LIMIT = 512
_BOUNDARY = re.compile(
    r"(?<=\S)(?= )"
    r"|(?<=[^\W_])(?=[\x00-&(-/:-@\[-`{-\x7f、-〃〈-】！（），．：；？])"
    r"|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])"
)
"""Where every o200k pre-token ends, whatever precedes and follows: before a space; between a letter or digit
and punctuation (but for the apostrophe, which may begin 's or 'll); between letters and digits; before a
capital."""


@cache
def _encoding() -> HarmonyEncoding | None:
    """The encoding, or None where oss-harmony has no wheel for this machine."""
    try:
        from openai_harmony import HarmonyEncodingName, load_harmony_encoding
    except ImportError:
        return None
    return load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)


def load() -> Encode | None:
    """A function that counts the tokens of a text, or None when there is no vocabulary."""
    encoding = _encoding()
    if encoding is None:
        return None

    def count(text: str) -> int:
        return len(encoding.encode(text, disallowed_special=()))

    return count


class LiveCount:
    """The exact count of a text that is still growing, whatever the pieces it comes in.

    Counting piece by piece is wrong wherever a piece ends inside a token (15–19 % high for hosts that
    re-chunk). So an unsettled tail is counted again with each piece. It is settled where a piece begins at a
    boundary that no token can span, and at the last such boundary once it is longer than 96 characters.
    A stretch of 512 characters without any (a long number, a line of capitals) is settled in its middle;
    there the count may be off by a token or two.
    """

    __slots__ = ("_count", "_settled", "_tail", "total")

    def __init__(self, count: Encode) -> None:
        self._count = count
        self._settled = 0
        self._tail = ""
        self.total = 0

    def feed(self, text: str) -> int:
        """By how much `text` moved the total; below 0 where it completes a longer token."""
        before = self.total
        if self._tail and _BOUNDARY.match(self._tail[-1] + text[:1], 1):
            self._settled, self._tail = before, text
        else:
            self._tail += text
        if len(self._tail) > _SETTLE_CHARS:
            self._settle()
        self.total = self._settled + self._count(self._tail)
        return self.total - before

    def _settle(self) -> None:
        cut = len(self._tail) - 1
        while cut > 0 and not _BOUNDARY.match(self._tail, cut):
            cut -= 1
        if cut <= 0:
            cut = len(self._tail) - _SETTLE_CHARS if len(self._tail) > _HARD_LIMIT else 0
        if cut:
            self._settled += self._count(self._tail[:cut])
            self._tail = self._tail[cut:]


SOME_DATE = "2026-01-01"
"""The model's own template names the current date, 11 tokens whichever it is."""


def count_prompt(
    messages: Sequence[Message], effort: Effort | None, tools: Sequence[Tool] = ()
) -> int | None:
    """Tokens of the prompt as gpt-oss reads it: the harmony template with its system message.

    Equal to what the template of the released weights renders to, or one less where the blank line after a
    system message is a token of its own. Reasoning of earlier turns is not in it, as the template drops it.
    With tools it is near, not exact: hosts differ in how they write a schema down.
    None when there is no vocabulary.
    """
    encoding = _encoding()
    if encoding is None:
        return None
    import openai_harmony as harmony

    system = (
        harmony.SystemContent.new()
        .with_reasoning_effort(harmony.ReasoningEffort[(effort or "medium").upper()])
        .with_conversation_start_date(SOME_DATE)
    )
    rendered = [harmony.Message.from_role_and_content(harmony.Role.SYSTEM, system)]
    instructions = [message.content for message in messages if message.role == "system"]
    for number, text in enumerate(instructions or [""] * bool(tools)):
        developer = harmony.DeveloperContent.new()
        if text:
            developer = developer.with_instructions(text)
        if tools and number == 0:
            developer = developer.with_function_tools(
                [harmony.ToolDescription.new(tool.name, tool.description, tool.parameters) for tool in tools]
            )
        rendered.append(harmony.Message.from_role_and_content(harmony.Role.DEVELOPER, developer))
    for message in messages:
        rendered.extend(_rendered(message))
    conversation = harmony.Conversation.from_messages(rendered)
    return len(encoding.render_conversation_for_completion(conversation, harmony.Role.ASSISTANT))


def _rendered(message: Message) -> Iterator[HarmonyMessage]:
    """A message of the conversation as harmony's own: an answer, its calls, or the result of one."""
    import openai_harmony as harmony

    said = harmony.Message.from_role_and_content
    if message.answers is not None:
        author = harmony.Author.new(harmony.Role.TOOL, f"functions.{message.answers.name}")
        result = harmony.Message.from_author_and_content(author, message.content)
        yield result.with_channel("commentary").with_recipient("assistant")
    elif message.role == "user":
        yield said(harmony.Role.USER, message.content)
    elif message.role == "assistant":
        if message.content or not message.calls:
            channel = "commentary" if message.calls else "final"
            yield said(harmony.Role.ASSISTANT, message.content).with_channel(channel)
        for call in message.calls:
            written = said(harmony.Role.ASSISTANT, call.arguments).with_channel("commentary")
            yield written.with_recipient(f"functions.{call.name}").with_content_type("<|constrain|>json")
