"""Figures with knobs: a function is called again with what the knobs say, and its run redrawn."""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import io
from collections.abc import Callable, Mapping
from typing import Any

from ..bench.time.run import run
from ..bench.tracing.spans import Trace, trace
from ..pictures.tables import Shown, table
from ..pictures.timelines import timeline
from .widgets import WidgetShown, is_number, load_widgets, to_html

KNOBS = "Run this cell to turn the knobs. The picture shows their first setting:"
NO_KNOB = "A knob is (lowest, highest), (lowest, highest, step), a list of choices, or True/False"


def figure(run_it: Callable[..., Any], **knobs: Any) -> Figure:
    """A Figure: a knob for each argument of `run_it`, and a picture of the run, redrawn while you
    drag.

    `run_it` may be `async def`: then it runs on the virtual clock inside a trace of its own, and
    the picture is its timeline. Or it returns something to show: a picture, a table, a text, a
    trace. It is called at each turn of a knob, so it uses your own edited functions.

        async def three(seats, slowest):
            await fan_out({name: agent.run(NOTE) for …}, max_concurrency=seats)

        figure(three, seats=(1, 10), slowest=(1.0, 9.0, 0.5))

    A knob is (lowest, highest), (lowest, highest, step), a list of choices, or True or False. It
    starts at the argument's default if there is one, else at the lowest, first, or given value.
    Raises TypeError if a knob is none of these, or isn't an argument of `run_it`.
    """
    return Figure(run_it, {name: Knob(name, knob, run_it) for name, knob in knobs.items()})


class Knob:
    """One argument that can be turned: its `start`, and the values that it may take."""

    def __init__(self, name: str, values: Any, run_it: Callable[..., Any]) -> None:
        arguments = inspect.signature(run_it).parameters
        takes_any = any(argument.kind is argument.VAR_KEYWORD for argument in arguments.values())
        if name not in arguments and not takes_any:
            function = getattr(run_it, "__name__", "the function")
            known = ", ".join(arguments) or "none"
            raise TypeError(f"{name}: {function} takes no such argument. It takes: {known}.")
        self.name = name
        self.choices: list[Any] = []
        self.start: Any = None
        self.low = self.high = self.step = 0.0
        if isinstance(values, bool):
            self.choices, self.start = [False, True], values
        elif isinstance(values, list) and values:
            self.choices, self.start = values, values[0]
        elif isinstance(values, tuple) and len(values) in (2, 3) and all(map(is_number, values)):
            self.low, self.high = values[:2]
            if self.low >= self.high:
                raise TypeError(f"{name}={values!r}: the lowest value comes first.")
            self.step = values[2] if len(values) == 3 else _step(self.low, self.high)
            self.start = self.low
        else:
            raise TypeError(f"{name}={values!r}: {NO_KNOB}.")
        default = arguments[name].default if name in arguments else inspect.Parameter.empty
        if default is not inspect.Parameter.empty and self.takes(default):
            self.start = default

    def takes(self, value: Any) -> bool:
        """True for a value that the knob can be turned to."""
        if self.choices:
            return value in self.choices
        return is_number(value) and self.low <= value <= self.high

    @property
    def range(self) -> str:
        """What it can be turned to, in words: `"1 to 10"`."""
        if self.choices:
            return " · ".join(map(str, self.choices))
        return f"{self.low:g} to {self.high:g}"

    def build_widget(self, widgets: Any) -> Any:
        look = {"description": self.name, "style": {"description_width": "initial"}}
        if self.choices == [False, True]:
            return widgets.Checkbox(value=self.start, indent=False, description=self.name)
        if self.choices:
            options = [(str(choice), choice) for choice in self.choices]
            style = {"description_width": "initial", "button_width": "auto"}
            return widgets.ToggleButtons(
                options=options, value=self.start, description=self.name, style=style
            )
        is_whole = all(isinstance(number, int) for number in (self.low, self.high, self.step))
        slider = widgets.IntSlider if is_whole else widgets.FloatSlider
        limits = {"min": self.low, "max": self.high, "step": self.step}
        return slider(value=self.start, layout={"width": "24em"}, **limits, **look)


class Figure(WidgetShown):
    """Knobs and a picture where a kernel runs, the picture of the first setting elsewhere."""

    def __init__(self, run_it: Callable[..., Any], knobs: Mapping[str, Knob]) -> None:
        self._run_it = run_it
        self.knobs = knobs
        self.settings = {name: knob.start for name, knob in knobs.items()}
        drawn = _draw_apart(run_it, self.settings)
        rows = [(name, knob.range, knob.start) for name, knob in knobs.items()]
        values = table(rows, ["knob", "from … to", "here"])
        self.text = f"{KNOBS}\n\n{values}\n\n{drawn}"
        picture = f'<div style="margin-top:16px">{to_html(drawn)}</div>'
        self.html = f"<p>{KNOBS}</p>{values.html}{picture}"
        self.widget = self._build_widget(drawn)

    def _build_widget(self, drawn: Any) -> Any:
        widgets = load_widgets()
        if widgets is None:
            return None
        self.controls = {name: knob.build_widget(widgets) for name, knob in self.knobs.items()}
        self._picture = widgets.HTML(to_html(drawn))
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self.turn(**{name: change["new"]}), "value")
        row = widgets.Box(list(self.controls.values()), layout={"flex_flow": "row wrap"})
        return widgets.VBox([row, self._picture])

    def turn(self, **settings: Any) -> None:
        """Draws the run with these settings; the other knobs stay."""
        self.settings.update(settings)
        drawn = to_html(_draw_apart(self._run_it, self.settings))
        if self.widget is not None:
            self._picture.value = drawn


def _draw_apart(run_it: Callable[..., Any], settings: Mapping[str, Any]) -> Shown:
    """The drawing, made outside of any trace that is open where the figure stands."""
    return contextvars.Context().run(draw, run_it, settings)


def draw(run_it: Callable[..., Any], settings: Mapping[str, Any]) -> Shown:
    """What the run with these settings looks like: its timeline, or what `run_it` returned.

    An error of the run is drawn too, below what had happened by then: a knob may be turned to where
    the run fails.
    """
    error: Exception | None = None
    returned: Any = None
    with trace() as traced, contextlib.redirect_stderr(io.StringIO()) as notes:
        try:
            returned = run_it(**settings)
            if inspect.iscoroutine(returned):
                returned = run(returned)
        except Exception as failure:
            error = failure
    if isinstance(returned, Trace):
        returned = timeline(returned)
    parts: list[Any] = []
    if traced.calls and not isinstance(returned, Shown):
        parts.append(timeline(traced))
    # beside a timeline, a dictionary of answers is noise
    if isinstance(returned, Shown | str) or (returned is not None and not parts):
        parts.append(returned)
    if error is not None:
        parts.append(f"✗ {type(error).__name__}: {error}")
    return Drawn([*parts, *filter(None, [notes.getvalue().strip()])])


class Drawn(Shown):
    """What a run gave you to look at, one below the other."""

    def __init__(self, parts: list[Any]) -> None:
        self.text = "\n\n".join(map(str, parts))
        self.html = to_html(*parts)


def _step(low: float, high: float) -> float:
    """1 between whole numbers, else a fiftieth of the way, rounded to one digit."""
    if isinstance(low, int) and isinstance(high, int):
        return 1
    return float(f"{(high - low) / 50:.1g}")
