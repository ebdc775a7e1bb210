"""Guesses: choose or type before a run, and see what was measured only then."""

from __future__ import annotations

import sys
from html import escape
from typing import Any

from ..pictures.palette import PASSED, UNTRIED, WRONG
from ..pictures.tables import Shown
from .widgets import WidgetShown, is_number, load_widgets

CLOSE = 0.25  # a typed number within a quarter of what was measured is close
EXACT = 0.02  # within a fiftieth it is right: nobody can read a clock better in their head
FOLDED = "Guess first, then open"
WAITING = "Waiting for your guess above. Or open it without one"
NOT_A_NUMBER = "That isn't a number. Type one like 4 or 4.5."

Choice = int | float | str
# by question: running the cell again forgets nothing
_choices: dict[str, Choice] = {}


def guess(question: str, *choices: Choice, unit: str = "") -> Guess:
    """A Guess, which shows the question with a button for each choice, or a field for a number.

    Nothing depends on it: a cell runs the same with a guess, without one and after a wrong one.

        how_long = guess("How long do all three take?", 3, 4, 9, unit="s")
        …
        how_long.reveal(together.seconds, timeline(together))
    """
    return Guess(question, choices, unit)


class Guess(WidgetShown):
    """A question with the learner's answer to it: `choice`, None until there is one."""

    def __init__(self, question: str, choices: tuple[Choice, ...] = (), unit: str = "") -> None:
        self.question, self.choices, self.unit = question, choices, unit
        self.choice = _choices.get(question)
        self._reveal: Reveal | None = None
        self.widget = self._build_widget(_load_widgets())
        options = " · ".join(self._label(choice) for choice in choices)
        self.text = f"{question} {options}".strip()
        self.html = f"<p><b>{escape(question)}</b> {escape(options)}</p>"
        self._shown_by = _cell_number()
        self._show()

    def reveal(self, measured: Any, *shown: Any) -> Reveal:
        """A Reveal: what was measured, and whether the guess was right, close or wrong.

        `shown` are pictures and tables that would give away the answer too. Everything stays folded
        until there is a guess. `measured` is a number in the guess's unit, or one of its choices.
        """
        self._reveal = Reveal(self, measured, shown)
        return self._reveal

    def judge(self, measured: Any) -> tuple[str, str]:
        """How good the guess was, as a verdict and a sentence: `("close", "You guessed 5 s. …")`.

        The verdicts are "right", "close", "wrong", and "" if nobody guessed.
        """
        outcome = f"It was {self._label(measured)}."
        if self.choice is None:
            return "", outcome
        verdict, distance = self._compare(self.choice, measured)
        return verdict, f"You guessed {self._label(self.choice)}. {outcome}{distance}"

    def _compare(self, choice: Choice, measured: Any) -> tuple[str, str]:
        if not (is_number(choice) and is_number(measured)):
            same = str(choice).strip().casefold() == str(measured).strip().casefold()
            return ("right" if same else "wrong"), ""
        off = float(choice) - float(measured)
        numbers = [float(number) for number in self.choices if is_number(number)]
        if numbers:
            nearest = min(abs(number - float(measured)) for number in numbers)
            verdict = "right" if abs(off) <= nearest else "wrong"
        elif abs(off) <= EXACT * abs(float(measured)):
            verdict = "right"
        else:
            verdict = "close" if abs(off) <= CLOSE * abs(float(measured)) else "wrong"
        if verdict == "right":
            return verdict, ""
        side = "too high" if off > 0 else "too low"
        return verdict, f" That is {self._label(_round(abs(off)))} {side}."

    def choose(self, choice: Choice | None) -> None:
        """Takes the learner's choice and opens what waits for it; None takes the choice back."""
        self.choice = choice
        if choice is None:
            _choices.pop(self.question, None)
        else:
            _choices[self.question] = choice
        if self._reveal is not None:
            self._reveal.update()

    def _label(self, value: Any) -> str:
        text = f"{value:,}" if is_number(value) else str(value)
        return f"{text} {self.unit}" if self.unit and is_number(value) else text

    def _build_widget(self, widgets: Any) -> Any:
        if widgets is None:
            return None
        heading = widgets.HTML(f"<b>{escape(self.question)}</b>")
        return widgets.VBox(
            [heading, self._buttons(widgets) if self.choices else self._field(widgets)]
        )

    def _buttons(self, widgets: Any) -> Any:
        buttons = widgets.ToggleButtons(
            options=[(self._label(choice), choice) for choice in self.choices],
            value=self.choice if self.choice in self.choices else None,
            style={"button_width": "auto"},
        )
        buttons.observe(lambda change: self.choose(change["new"]), "value")
        return buttons

    def _field(self, widgets: Any) -> Any:
        field = widgets.Text(
            value="" if self.choice is None else str(self.choice),
            placeholder="a number",
            continuous_update=False,
            layout={"width": "9em"},
        )
        button = widgets.Button(description="Guess", layout={"width": "auto"})
        note = widgets.HTML(escape(self.unit))

        def take(_: Any = None) -> None:
            number = _read_number(field.value, self.unit)
            note.value = escape(NOT_A_NUMBER if number is None and field.value else self.unit)
            self.choose(number)

        field.observe(take, "value")  # Enter, or a click elsewhere
        button.on_click(take)
        return widgets.HBox([field, note, button])

    def _show(self) -> None:
        if self._shown_by is None:
            return
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]

    def _ipython_display_(self) -> None:
        """Shows the question again in a later cell; the cell that made it has shown it."""
        if _cell_number() != self._shown_by:
            self._shown_by = _cell_number()
            self._show()


class Reveal(WidgetShown):
    """What was measured, folded until there is a guess, together with whatever else shows it."""

    def __init__(self, guess: Guess, measured: Any, shown: tuple[Any, ...]) -> None:
        self._guess, self._measured, self._shown = guess, measured, shown
        widgets = _load_widgets()
        self.widget = widgets.HTML() if widgets is not None else None
        _, outcome = guess.judge(measured)
        self.text = "\n\n".join([outcome, *map(str, shown)])
        self.html = self._fold(FOLDED)
        self.update()

    def update(self) -> None:
        """Opens if there is a guess now, and folds again if it was taken back."""
        if self.widget is not None:
            is_made = self._guess.choice is not None
            self.widget.value = self._open() if is_made else self._fold(WAITING)

    def _fold(self, summary: str) -> str:
        body = self._parts(f"It was {self._guess._label(self._measured)}.", UNTRIED)
        return f"<details><summary>{summary}</summary>{body}</details>"

    def _open(self) -> str:
        verdict, sentence = self._guess.judge(self._measured)
        mark = {"right": "✓ Right. ", "close": "≈ Close. ", "wrong": "✗ Not quite. "}[verdict]
        return self._parts(mark + sentence, PASSED if verdict == "right" else WRONG)

    def _parts(self, sentence: str, colour: str) -> str:
        style = f"border-left:3px solid {colour};padding:2px 10px;margin:6px 0"
        parts = [f'<p style="{style}">{escape(sentence)}</p>', *map(_to_html, self._shown)]
        return "".join(parts)


def _to_html(shown: Any) -> str:
    if isinstance(shown, Shown):
        return shown.html
    return f'<pre style="white-space:pre-wrap">{escape(str(shown))}</pre>'


def _read_number(text: str, unit: str) -> float | int | None:
    """`4`, `4.5`; also from "4.5 s", "$0.20", "1,200" and "25 %"; None for anything else."""
    bare = text.strip().removesuffix(unit).strip(" $%").replace(",", "")
    try:
        number = float(bare)
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return int(number) if number.is_integer() else number


def _round(number: float) -> float:
    """Three digits of it: 2.30000001 is 2.3."""
    return float(f"{number:.3g}")


def _cell_number() -> int | None:
    """The number of the cell that is running, None outside IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if shell is None else shell.execution_count


def _load_widgets() -> Any:
    """The module ipywidgets in a notebook, None in a script or if it isn't installed."""
    return None if _cell_number() is None else load_widgets()
