"""A card with what a model answered: who said it, its Markdown rendered."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from html import escape

from .palette import RULE
from .tables import Shown

CARD = f"border-left:3px solid {RULE};padding:2px 14px;margin:8px 0;max-width:720px"
CARD += ";overflow-wrap:break-word"


@dataclass(frozen=True, repr=False)
class Card(Shown):
    """An answer to look at, as HTML for a notebook and as text for a terminal."""

    html: str
    text: str


def card(answer: str, agent: str = "", model: str = "") -> Card:
    """A Card with the answer, below its author; its Markdown is rendered if
    JupyterLab is installed.
    """
    speaker = " · ".join(filter(None, [agent, model.removeprefix("claude-")]))
    heading = f"<p><b>{keep_dollars(escape(speaker))}</b></p>" if speaker else ""
    html = f'<div style="{CARD}">{heading}{keep_dollars(_render(answer))}</div>'
    return Card(html, f"{speaker}:\n{answer}" if speaker else answer)


def _render(markdown: str) -> str:
    try:
        mistune = importlib.import_module("mistune")  # comes with JupyterLab
    except ModuleNotFoundError:
        return f'<p style="white-space:pre-wrap">{escape(markdown)}</p>'
    # hard_wrap: a prompt's lines stay lines, as in every chat window
    html = str(mistune.create_markdown(hard_wrap=True, plugins=["table"])(markdown))
    html = re.sub(
        r"<h\d>(.*?)</h\d>", r"<p><b>\1</b></p>", html
    )  # the page has headings of its own
    # JupyterLab breaks long lines inside words
    return html.replace("<pre>", '<pre style="white-space:pre;overflow-x:auto">')


def keep_dollars(html: str) -> str:
    """JupyterLab sets what stands between two dollar signs as mathematics, unless something stands
    between the sign and the rest.
    """
    return html.replace("$", "<span>$</span>")
