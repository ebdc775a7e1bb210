"""A note to the person at the keyboard: a box in a notebook, a line on stderr elsewhere."""

from __future__ import annotations

import html
import sys

from .time.loop import in_kernel

NOTED = "#0072b2"  # the blue of Okabe and Ito, seen on the page of either theme


def show_note(note: str) -> None:
    """A box in a notebook, a line on stderr elsewhere."""
    if not in_kernel():
        print(note, file=sys.stderr)
        return
    from IPython.display import display

    box = f'<div style="border-left:4px solid {NOTED};padding:4px 12px">{html.escape(note)}</div>'
    display({"text/plain": note, "text/html": box}, raw=True)  # type: ignore[no-untyped-call]  # IPython's
