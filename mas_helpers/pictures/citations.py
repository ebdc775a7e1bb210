"""A brief whose citations open: each number shows the words that it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Protocol

from .cards import CARD, Card, keep_dollars
from .palette import RULE, WRONG


class Source(Protocol):
    """A fact: its document, and the words there."""

    @property
    def document(self) -> str: ...
    @property
    def words(self) -> str: ...


class Dated(Protocol):
    """The research that a fact is of: the day of the earlier run that found it, else `""`."""

    @property
    def earlier(self) -> str: ...


class CitedText(Protocol):
    """What the agents' `Brief` is: a text that cites by number, what the numbers mean, and what a
    reader must know beside it.
    """

    @property
    def text(self) -> str: ...
    @property
    def sources(self) -> Mapping[int, tuple[Dated, Source]]: ...
    @property
    def caveats(self) -> list[str]: ...


CITED = re.compile(r"\[(\d+|missing)\]")
TOGETHER = re.compile(r"((?:\[(?:\d+|missing)\])+[.,;:!?…]*)")
# As inline, it would break the line where it is closed (Chromium 150).
FOLDED = "display:inline-block;vertical-align:top;max-width:100%"
OPENED = f"display:block;border-left:3px solid {RULE};padding:2px 10px;margin:4px 0 8px"
OPENED += ";width:720px;max-width:100%;box-sizing:border-box"  # the text goes on below, not beside
NUMBER = "cursor:pointer;text-decoration:underline"
NO_SOURCE = f"border-bottom:2px solid {WRONG}"
CAVEATS = "What a reader must know beside it"


def brief_card(brief: CitedText) -> Card:
    """A Card with the brief, its caveats below: click a number, and what it rests on opens.

    The mouse on a number shows its source, too. All of it is plain HTML: it works on any page, with
    no kernel.
    """
    paragraphs = re.split(r"\n\s*\n", brief.text.strip())
    style = "margin:8px 0;line-height:1.6;white-space:pre-line"
    parts = [f'<div style="{style}">{_live(text, brief)}</div>' for text in paragraphs]
    if brief.caveats:
        items = "".join(f"<li>{_words(caveat)}</li>" for caveat in brief.caveats)
        parts.append(f"<div><b>{CAVEATS}</b></div><ul>{items}</ul>")
    return Card(f'<div style="{CARD}">{"".join(parts)}</div>', _plain(brief))


def _live(text: str, brief: CitedText) -> str:
    """The text as HTML; numbers that stand together open together."""
    pieces = TOGETHER.split(text)
    shown = [_open(piece, brief) if n % 2 else _words(piece) for n, piece in enumerate(pieces)]
    return "".join(shown)


def _open(together: str, brief: CitedText) -> str:
    """`[2][5].`, with what both numbers mean; as words, where none means anything."""
    *cited, end = CITED.split(together)
    names = cited[1::2]
    numbers = "".join(_number(name, brief) for name in names) + end
    sources = "".join(_opened(name, brief) for name in names)
    if not sources:
        return numbers
    summary = f'<summary style="display:inline">{numbers}</summary>'
    return f'<details style="{FOLDED}">{summary}{sources}</details>'


def _number(name: str, brief: CitedText) -> str:
    if name == "missing":
        return '<i title="No source says so: it is not known.">[missing]</i>'
    if (found := _source(name, brief)) is None:
        return f'<span style="{NO_SOURCE}" title="There is no source [{name}].">✗ [{name}]</span>'
    where, words = _where(name, *found), f"“{found[1].words}”"
    return f'<span style="{NUMBER}" title="{escape(f"{where}: {words}")}">[{name}]</span>'


def _opened(name: str, brief: CitedText) -> str:
    if (found := _source(name, brief)) is None:
        return ""
    where, words = _words(_where(name, *found)), _words(f"“{found[1].words}”")
    return f'<span style="{OPENED}"><b>{where}</b><br>{words}</span>'


def _where(name: str, research: Dated, source: Source) -> str:
    day = f", found on {research.earlier}" if research.earlier else ""
    return f"[{name}] {source.document}{day}"


def _words(text: str) -> str:
    return keep_dollars(escape(text))


def _source(cited: str, brief: CitedText) -> tuple[Dated, Source] | None:
    """`[007]` is not `[7]`: the check of the citations takes them as they stand, too."""
    return next((found for n, found in brief.sources.items() if str(n) == cited), None)


def _plain(brief: CitedText) -> str:
    """The text, then each document with its numbers, then the caveats."""
    numbers: dict[str, str] = {}
    for cited in sorted({*CITED.findall(brief.text)} - {"missing"}, key=lambda n: (len(n), n)):
        found = _source(cited, brief)
        named = found[1].document if found else "✗ no such source"
        numbers[named] = f"{numbers.get(named, '')}[{cited}]"
    lines = [brief.text, "", *(f"{numbers[name]} {name}" for name in numbers)]
    if brief.caveats:
        lines += ["", f"{CAVEATS}:", *(f"- {caveat}" for caveat in brief.caveats)]
    return "\n".join(lines)
