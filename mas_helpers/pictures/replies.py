"""What a reply is made of: its blocks, the tokens of each, why it stopped, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anthropic.types import Message

from ..bench.tracing.cost import UnknownPrice, cost_usd
from .outcomes import UNUSABLE
from .palette import FAILED_INK, FAINT_INK, HEAT, MODELS, OTHER_MODEL, PAPER
from .svg import (
    BOLD,
    MARGIN,
    NARROW,
    SMALL,
    SMALL_SHARE,
    WIDTH,
    Drawing,
    Picture,
    build_picture,
    draw_text,
    fit_text,
    number,
)
from .text import count_text, cut, dollars, one_line, pad

TEXT_BAR = 40  # characters across, in the text form
MARKS = {"thinking": "─", "text": "█"}  # any other block is a tool's
# pixels
BAR, LINE, BETWEEN = 22, 20, 18


def blocks(*messages: Message, titles: Sequence[str] = ()) -> Picture:
    """A Picture of a reply: a bar of its blocks, as wide as their tokens, with its stop_reason and
    its price: `blocks(reply)`, `blocks(cut, whole, titles=["90 tokens", "1000 tokens"])`.

    Several are drawn below each other on one scale. The API counts the output tokens and those of
    thinking; what is left is shared out among the other blocks by their length. Raises ValueError
    for no message, and for titles that are not one for each.
    """
    if not messages:
        raise ValueError("There is nothing to draw: no reply was given.")
    if titles and len(titles) != len(messages):
        raise ValueError(f"{len(titles)} titles for {len(messages)} replies: give one to each.")
    names = titles or [""] * len(messages)
    replies = [Reply.of(message, title) for message, title in zip(messages, names, strict=True)]
    most = max(max(reply.tokens for reply in replies), 1)
    text = "\n\n".join(reply.build_text(most) for reply in replies)
    wide, narrow = (_draw(replies, most, width) for width in (WIDTH, NARROW))
    return build_picture(text, wide, narrow)


@dataclass(frozen=True)
class Block:
    """One block of a reply: its type, its tokens, and what it says."""

    kind: str
    tokens: int
    words: str

    @property
    def note(self) -> str:
        says = f' · "{self.words}"' if self.words else ""
        is_told = self.tokens or "thinking" not in self.kind
        count = count_text(self.tokens, "token") if is_told else "tokens not told"
        return f"{self.kind} · {count}{says}"


@dataclass(frozen=True)
class Reply:
    """What is drawn of one message; `problem` says why it is no answer."""

    title: str
    model: str
    problem: str
    tokens: int
    price: str
    blocks: list[Block]

    @classmethod
    def of(cls, message: Message, title: str) -> Reply:
        stop = message.stop_reason or "no stop_reason"
        heading = " · ".join(filter(None, [title, f"stop_reason {stop}"]))
        try:
            price = dollars(cost_usd(message))
        except UnknownPrice:
            price = ""
        tokens = message.usage.output_tokens
        return cls(heading, message.model, _problem(message), tokens, price, _share(message))

    @property
    def note(self) -> str:
        parts = [f"✗ {self.problem}" if self.problem else ""]
        parts += [count_text(self.tokens, "output token"), self.price]
        return " · ".join(filter(None, parts))

    def build_text(self, most: int) -> str:
        lines, begin = [f"{self.title} · {self.note}"], 0
        width = max((len(block.kind) for block in self.blocks), default=0)
        for block in self.blocks:
            first, last = (round(TEXT_BAR * n / most) for n in (begin, begin + block.tokens))
            mark = MARKS.get(block.kind, "═") * max(1, last - first)
            bar = pad("·" * min(first, TEXT_BAR - 1) + mark, TEXT_BAR).replace(" ", "·")
            note = block.note.removeprefix(f"{block.kind} · ")
            lines.append(f"{pad(block.kind, width)}  {bar[:TEXT_BAR]}  {note}")
            begin += block.tokens
        return "\n".join(lines)


def _problem(message: Message) -> str:
    """Why it is no answer: `"cut at max_tokens"`; `""` for one that is."""
    has_words = any(block.type == "text" and block.text.strip() for block in message.content)
    ended = message.stop_reason in ("end_turn", "stop_sequence")
    return UNUSABLE.get(message.stop_reason or "", "empty" if ended and not has_words else "")


def _share(message: Message) -> list[Block]:
    """The message's blocks with their tokens, which add up to its output tokens."""
    said = [(block.type, _words(block)) for block in message.content]
    details = message.usage.output_tokens_details
    counted = details.thinking_tokens if details else 0
    thinking = [place for place, (kind, _) in enumerate(said) if "thinking" in kind]
    others = [place for place in range(len(said)) if place not in thinking]
    if not others:
        counted = message.usage.output_tokens
    tokens = [0] * len(said)
    for places, amount in (
        (thinking, counted if thinking else 0),
        (others, message.usage.output_tokens - (counted if thinking else 0)),
    ):
        left, letters = amount, sum(len(said[place][1]) or 1 for place in places)
        for place in places:
            length = len(said[place][1]) or 1
            tokens[place] = round(left * length / letters)
            left, letters = left - tokens[place], letters - length
    return [
        Block(kind, count, cut(words, 60))
        for (kind, words), count in zip(said, tokens, strict=True)
    ]


def _words(block: object) -> str:
    """What a block says: a text, or the call of a tool as `calculate({'expression': '1 + 1'})`."""
    name, given = getattr(block, "name", ""), getattr(block, "input", "")
    return one_line(f"{name}({given})" if name else getattr(block, "text", ""))


def _draw(replies: Sequence[Reply], most: int, width: int) -> Drawing:
    scale = (width - 2 * MARGIN) / most
    parts, y = [], 28
    for reply in replies:
        parts.append(draw_text(MARGIN, y, fit_text(reply.title, width - 2 * MARGIN), style=BOLD))
        ink = FAILED_INK if reply.problem else FAINT_INK
        parts.append(draw_text(MARGIN, y + 18, reply.note, ink, SMALL))
        x, top = float(MARGIN), y + 28
        for block in reply.blocks:
            parts.append(_draw_block(block, reply.model, x, top, block.tokens * scale, BAR))
            x += block.tokens * scale
        y = top + BAR + 20 if reply.blocks else top + 6
        for block in reply.blocks:
            parts.append(_draw_block(block, reply.model, MARGIN, y - 10, 14, 11))
            fitting = fit_text(block.note, (width - 2 * MARGIN - 22) / SMALL_SHARE)
            parts.append(draw_text(MARGIN + 22, y, fitting, style=SMALL))
            y += LINE
        y += BETWEEN
    return Drawing(parts, width, y - BETWEEN - 4)


def _draw_block(block: Block, model: str, x: float, y: float, width: float, height: int) -> str:
    """Grey for thinking, the model's colour for its words, paper for what it asks of a tool."""
    hue = next((hue for name, (hue, _) in MODELS.items() if name in model), OTHER_MODEL[0])
    fill = hue if block.kind == "text" else HEAT[2] if "thinking" in block.kind else PAPER
    box = f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 1))}" height="{height}"'
    return f'<rect class="block" {box} fill="{fill}" stroke="{FAINT_INK}"/>'
