"""A panel in a notebook: a system run again and again under faults, how its runs end, and the
timeline of one.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from ..bench.faults import Schedule, random_faults
from ..bench.trials import Trial
from ..pictures.tables import Shown, Table, table
from ..pictures.timelines import timeline

# the sample, so many runs, is for a page on which nothing can be pressed
START_RATE, SAMPLE = (0.05, 40)
SECONDS_BETWEEN_UPDATES = 0.2  # each is some messages to the browser
USE = "Run this cell to use the panel: sliders, Run and Stop take the place of this page. They begin with these values:"
RUNNING, COMPLETE, GAPS, ALL = "running", "complete", "gaps named", "in all"
PICKS = CHOSEN, BROKE, MOST, MET = (
    "chosen for you",
    "first to break the invariant",
    "most faults",
    "first with a fault",
)


def panel(
    trial_of: Callable[[Schedule], Trial],
    kinds: Sequence[str] = ("overloaded", "timeout", "refused", "malformed"),
    runs: int = 200,
    broken: Callable[[Trial], list[str]] | None = None,
    seed: int = 0,
) -> Panel:
    """A Panel: a slider for the rate of each kind of fault, Run, Stop, how the runs ended, the
    timeline of one.

    trial_of runs the system once under a schedule of faults; broken says why a run breaks the
    invariant, in words, `[]` where it does not. The seeds count up from `seed`. Raises
    ModuleNotFoundError where ipywidgets is not installed.
    """
    rates = dict.fromkeys(kinds, START_RATE)
    random_faults(seed, **rates)  # an unknown kind is an error here, before anything runs
    try:
        import ipywidgets
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "A panel needs ipywidgets: `%pip install ipywidgets`, then a new kernel."
        ) from None
    return Panel(ipywidgets, Runs(trial_of, broken, rates, seed, runs))


@dataclass(frozen=True)
class Run:
    """One run: its seed, what came of it, why it breaks the invariant, and the call that gives it
    again.
    """

    seed: int
    made: Trial
    broken: list[str]
    again: str

    @property
    def ending(self) -> tuple[str, str]:
        """How it ended, and why: `("gaps named", "the task of data")`, `("ReplyRefused", "…")`,
        `("complete", "")`.
        """
        if self.made.error:
            return type(self.made.error).__name__, str(self.made.error)
        gaps = getattr(self.made.result, "missing", None) or getattr(
            self.made.result, "caveats", None
        )
        return (GAPS, "; ".join(map(str, gaps))) if gaps else (COMPLETE, "")

    @property
    def parts(self) -> list[object]:
        """The run in words, and its timeline."""
        said = [f"Seed {self.seed} ended: {' · '.join(filter(None, self.ending))[:400]}"]
        said += [f"✗ broke the invariant: {'; '.join(self.broken)}"] if self.broken else []
        said += [
            f"Faults, in order: {'; '.join(self.made.faults) or 'none'}",
            f"Again: {self.again}",
        ]
        return ["\n".join(said), timeline(self.made.trace)]


@dataclass
class Runs:
    """Runs of a system, seed after seed: how they ended, and a few of them to look at."""

    trial_of: Callable[[Schedule], Trial]
    broken: Callable[[Trial], list[str]] | None
    rates: dict[str, float]
    seed: int
    asked: int
    looks_at: tuple[str, ...] = (BROKE, MOST)
    done: str = "done"
    # shared by what replace makes: never two at once
    turn: threading.Lock = field(default_factory=threading.Lock)
    state: str = field(default=RUNNING, init=False)
    ended: Counter[str] = field(default_factory=Counter, init=False)
    broke: Counter[str] = field(default_factory=Counter, init=False)
    # thousands of traces would fill the memory
    kept: dict[str, Run] = field(default_factory=dict, init=False)

    def go(self, update: Callable[[Runs], None] = lambda runs: None) -> Runs:
        """Itself, when all runs are done, one raised an error, or it was stopped; `update` is
        called meanwhile.
        """
        with self.turn:  # a slow run may not yet have ended when Run is pressed after Stop
            due = 0.0
            while self.state == RUNNING and self.ended[ALL] < self.asked:
                self._go_once(self.seed + self.ended[ALL])
                if time.monotonic() >= due:
                    update(self)
                    due = time.monotonic() + SECONDS_BETWEEN_UPDATES
            self.state = self.done if self.state == RUNNING else self.state
        update(self)
        return self

    def _go_once(self, seed: int) -> None:
        again = f"trial_of(random_faults({', '.join([str(seed), *(f'{k}={r:g}' for k, r in self.rates.items() if r)])}))"
        try:
            made = self.trial_of(random_faults(seed, **self.rates))
            run = Run(seed, made, list(self.broken(made)) if self.broken else [], again)
            end = run.ending[0]
        except Exception as error:
            again = f"broken({again})" if self.broken else again
            self.state = f"ended by an error\n✗ Seed {seed} raised {type(error).__name__}: {error}\nAgain: {again}"
            return
        if self.state == RUNNING:  # a run that was under way when Stop was pressed is not counted
            self.kept[MOST] = max(
                self.kept.get(MOST, run), run, key=lambda one: len(one.made.faults)
            )
            firsts = {BROKE: run.broken, MET: made.faults, f"first: {end}": True}
            self.kept |= {
                name: run for name, holds in firsts.items() if holds and name not in self.kept
            }
            self.ended.update([end, ALL])
            self.broke.update([end, ALL] if run.broken else [])

    def __str__(self) -> str:
        return f"{self.ended[ALL]:,} of {self.asked:,} runs · {self.state}"

    @property
    def table(self) -> Table:
        """How they ended, how many did, and how many of those broke the invariant."""
        width = 3 if self.broken else 2
        names = [COMPLETE, GAPS, *sorted({*self.ended} - {COMPLETE, GAPS, ALL}), ALL]
        rows = [(name, self.ended[name], self.broke[name])[:width] for name in names]
        return table(rows, ["how they ended", "runs", "broke the invariant"][:width])


class Panel(Shown):
    """Widgets where a kernel runs, a fixed page where none does, text in a terminal."""

    def __init__(self, widgets: Any, asked: Runs) -> None:
        self._asked, self._drawn = asked, None
        self._lock = threading.RLock()  # in some kernels each widget calls in a thread of its own
        self._runs = replace(
            asked, asked=min(asked.asked, SAMPLE), looks_at=(MET, MOST), done="made at the start"
        ).go()
        self._make(widgets)
        self._show(self._runs)
        values = table(
            [*asked.rates.items(), ("runs", asked.asked), ("first seed", asked.seed)],
            ["slider", "value"],
        )
        parts = [USE, values, f"What they give: {self._runs}", self._runs.table, *self._parts]
        self.text, self.html = "\n\n".join(map(str, parts)), _html(*parts)

    def _make(self, w: Any) -> None:
        def named(kind: Any, name: str, width: str = "22em", **values: Any) -> Any:
            return kind(
                description=name,
                style={"description_width": "8.5em"},
                layout={"width": width},
                **values,
            )

        rates = self._asked.rates.items()
        self.sliders = {
            kind: named(w.FloatSlider, kind, value=rate, max=0.5, step=0.01) for kind, rate in rates
        }
        self.asked = named(w.BoundedIntText, "runs", value=self._asked.asked, min=1, max=1_000_000)
        self.seed = named(w.IntText, "first seed", value=self._asked.seed)
        self.run_button = w.Button(description="Run", button_style="primary", icon="play")
        self.stop_button = w.Button(description="Stop", icon="stop")
        self.progress, self.said, self.ends, self.one = (
            w.IntProgress(),
            w.HTML(),
            w.HTML(),
            w.HTML(),
        )
        self.pick = named(w.Dropdown, "look at", "32em", options=PICKS)
        self.run_button.on_click(lambda _: self.start())
        self.stop_button.on_click(lambda _: self.stop())
        self.pick.observe(lambda _: self._show(self._runs), "value")
        lines = (
            [*self.sliders.values(), self.asked, self.seed],
            [self.run_button, self.stop_button, self.progress],
        )
        boxes = [
            w.Box(line, layout={"flex_flow": "row wrap", "align_items": "center"}) for line in lines
        ]
        self.widget = w.VBox([*boxes, self.said, self.ends, self.pick, self.one])

    def start(self) -> None:
        """Begins anew, in a thread, with what the sliders say; does nothing while runs are under
        way.
        """
        with self._lock:
            if self._runs.state != RUNNING:
                rates = {kind: round(slider.value, 2) for kind, slider in self.sliders.items()}
                self._runs = replace(
                    self._asked, rates=rates, seed=self.seed.value, asked=self.asked.value
                )
                self._show(self._runs)
                threading.Thread(
                    target=self._runs.go, args=[self._show], name="panel", daemon=True
                ).start()

    def stop(self) -> None:
        """Stops at once; the run under way is not counted."""
        with self._lock:
            self._runs.state = "stopped" if self._runs.state == RUNNING else self._runs.state
            self._show(self._runs)

    def _show(self, runs: Runs) -> None:
        with self._lock:
            if runs is self._runs:
                self.run_button.disabled, self.stop_button.disabled = (
                    runs.state == RUNNING,
                    runs.state != RUNNING,
                )
                self.progress.max, self.progress.value = runs.asked, runs.ended[ALL]
                self.said.value, self.ends.value = _html(str(runs)), runs.table.html
                if more := [name for name in runs.kept if name not in self.pick.options]:
                    chosen, self.pick.options = self.pick.value, [*self.pick.options, *more]
                    self.pick.value = chosen  # by itself it goes back to the first
                wanted = runs.looks_at if self.pick.value == CHOSEN else [self.pick.value]
                run = next((runs.kept[name] for name in wanted if name in runs.kept), None)
                if run is None or run is not self._drawn:
                    self._drawn, self._parts = run, run.parts if run else ["No such run so far."]
                    self.one.value = _html(*self._parts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.widget._repr_mimebundle_() | {"text/plain": self.text, "text/html": self.html}


def _html(*parts: Any) -> str:
    text = (
        '<p style="margin:8px 0;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere">{}</p>'
    )
    return "".join(
        text.format(escape(part)) if isinstance(part, str) else part.html for part in parts
    )
