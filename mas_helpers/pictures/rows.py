"""Pictures beside one another."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from .tables import Shown, scroll_box

PER_ROW = 2
CELL = "border:0;vertical-align:top;text-align:left;padding:4px"


@dataclass(frozen=True, repr=False)
class Gallery(Shown):
    """Pictures beside one another for a notebook, below one another for a terminal."""

    html: str
    text: str


def side_by_side(**pictures: Shown) -> Gallery:
    """A Gallery of the pictures, two in a row, each below its name."""
    cells = [
        f'<td style="{CELL}"><b>{escape(name)}</b>{picture.html}</td>'
        for name, picture in pictures.items()
    ]
    rows = ["".join(cells[i : i + PER_ROW]) for i in range(0, len(cells), PER_ROW)]
    clear = "background:transparent"  # JupyterLab stripes tables
    inside = "".join(f'<tr style="{clear}">{row}</tr>' for row in rows)
    text = "\n\n".join(f"{name}: {picture.text}" for name, picture in pictures.items())
    return Gallery(scroll_box(f"<table><tbody>{inside}</tbody></table>"), text)
