"""Pictures beside one another."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .svg import NARROW
from .tables import Shown

ROW = "display:flex;flex-wrap:wrap;gap:12px"
CELL = f"flex:1 1 {NARROW}px;min-width:0"  # so narrow that the narrow drawing is shown


@dataclass(frozen=True, repr=False)
class Gallery(Shown):
    """Pictures beside one another for a notebook, below one another for a terminal."""

    html: str
    text: str


def side_by_side(**pictures: Shown) -> Gallery:
    """A Gallery of the pictures, as many in a row as there's room for, each below its name."""
    cells = [
        f'<div style="{CELL}"><b>{escape(name)}</b>{picture.html}</div>'
        for name, picture in pictures.items()
    ]
    text = "\n\n".join(f"{name}: {picture.text}" for name, picture in pictures.items())
    return Gallery(f'<div style="{ROW}">{"".join(cells)}</div>', text)
