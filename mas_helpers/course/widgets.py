"""What figures, guesses and panels share: widgets if a kernel runs, a fixed page elsewhere."""

from __future__ import annotations

import importlib
from html import escape
from typing import Any

from ..pictures.tables import Shown

PARAGRAPH = "margin:8px 0;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere"


class WidgetShown(Shown):
    """What a notebook shows as `widget`, a page without a kernel as `html`, a terminal as `text`.

    `widget` is None if ipywidgets isn't installed.
    """

    widget: Any = None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        fixed = super()._repr_mimebundle_()
        return fixed if self.widget is None else self.widget._repr_mimebundle_() | fixed


def load_widgets() -> Any:
    """The module ipywidgets, None if it isn't installed; loading takes a moment."""
    try:
        return importlib.import_module("ipywidgets")
    except ModuleNotFoundError:
        return None


def to_html(*parts: Any) -> str:
    """The HTML of pictures and tables; for anything else, a paragraph with its text."""
    return "".join(
        html
        if isinstance(html := getattr(part, "html", None), str)
        else f'<p style="{PARAGRAPH}">{escape(str(part))}</p>'
        for part in parts
    )


def is_number(value: Any) -> bool:
    """True for whole and other numbers, False for True and False."""
    return isinstance(value, int | float) and not isinstance(value, bool)
