"""A panel in a notebook: a system run again and again under faults, how its runs end, and the
timeline of one.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..bench.faults import Schedule, random_faults
from ..bench.trials import Trial
from ..pictures.charts import stacked_bar
from ..pictures.svg import Picture
from ..pictures.tables import Table, table
from ..pictures.timelines import timeline
from .widgets import WidgetShown, load_widgets, to_html

WIDE = "34em"  # of a slider: 51 steps on some 270 pixels
# the sample, so many runs, is for a page on which nothing can be pressed
START_RATE, SAMPLE = (0.05, 40)
SECONDS_BETWEEN_UPDATES = 0.2  # each is some messages to the browser
USE = "Run this cell to use the panel: sliders, Run and Stop take the place of this page. "
USE += "They begin with these values:"
HOW = "How the runs ended"
RUNNING, COMPLETE, GAPS, ALL = "running", "complete", "gaps named", "in all"
CHOSEN = "chosen for you"
BROKE = "first to break the invariant"
MOST = "most faults"
MET = "first with a fault"
PICKS = (CHOSEN, BROKE, MOST, MET)


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
    ipywidgets = load_widgets()
    if ipywidgets is None:
        raise ModuleNotFoundError(
            "A panel needs ipywidgets: `%pip install ipywidgets`, then a new kernel."
        )
    return Panel(ipywidgets, Runs(trial_of, broken, rates, seed, runs))


@dataclass(frozen=True)
class Run:
    """One run: its seed, what came of it, why it breaks the invariant, and the call that gives it
    again.
    """

    seed: int
    trial: Trial
    broken: list[str]
    again: str

    @property
    def ending(self) -> tuple[str, str]:
        """How it ended, and why: `("gaps named", "the task of data")`, `("ReplyRefused", "…")`,
        `("complete", "")`.
        """
        if self.trial.error:
            return type(self.trial.error).__name__, str(self.trial.error)
        result = self.trial.result
        gaps = getattr(result, "missing", None) or getattr(result, "caveats", None)
        if gaps:
            return GAPS, "; ".join(map(str, gaps))
        return COMPLETE, ""

    @property
    def parts(self) -> list[object]:
        """The run in words, and its timeline."""
        ending, reason = self.ending
        how = f"{ending} · {reason}" if reason else ending
        lines = [f"Seed {self.seed} ended: {how[:400]}"]
        if self.broken:
            lines.append(f"✗ broke the invariant: {'; '.join(self.broken)}")
        lines.append(f"Faults, in order: {'; '.join(self.trial.faults) or 'none'}")
        lines.append(f"Again: {self.again}")
        return ["\n".join(lines), timeline(self.trial.trace)]


@dataclass
class Runs:
    """Runs of a system, seed after seed: how they ended, and a few of them to look at."""

    trial_of: Callable[[Schedule], Trial]
    broken: Callable[[Trial], list[str]] | None
    rates: dict[str, float]
    seed: int
    count: int  # how many are to be made
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
            while self.state == RUNNING and self.ended[ALL] < self.count:
                self._go_once(self.seed + self.ended[ALL])
                if time.monotonic() >= due:
                    update(self)
                    due = time.monotonic() + SECONDS_BETWEEN_UPDATES
            if self.state == RUNNING:
                self.state = self.done
        update(self)
        return self

    def _go_once(self, seed: int) -> None:
        again = self._call_again(seed)
        try:
            trial = self.trial_of(random_faults(seed, **self.rates))
            broken = list(self.broken(trial)) if self.broken else []
            run = Run(seed, trial, broken, again)
            ending, _ = run.ending
        except Exception as error:
            if self.broken:
                again = f"broken({again})"
            reason = f"✗ Seed {seed} raised {type(error).__name__}: {error}"
            self.state = f"ended by an error\n{reason}\nAgain: {again}"
            return
        if self.state == RUNNING:  # a run that was under way when Stop was pressed is not counted
            self._keep(run, ending)
            self.ended.update([ending, ALL])
            if broken:
                self.broke.update([ending, ALL])

    def _keep(self, run: Run, ending: str) -> None:
        """Remembers the run where it is the first of its kind, or has the most faults."""
        kinds = [f"first: {ending}"]
        if run.broken:
            kinds.append(BROKE)
        if run.trial.faults:
            kinds.append(MET)
        for kind in kinds:
            self.kept.setdefault(kind, run)
        most = self.kept.get(MOST)
        if most is None or len(run.trial.faults) > len(most.trial.faults):
            self.kept[MOST] = run

    def _call_again(self, seed: int) -> str:
        """What to type for the same run: `trial_of(random_faults(3, timeout=0.05))`."""
        rates = [f"{kind}={rate:g}" for kind, rate in self.rates.items() if rate]
        return f"trial_of(random_faults({', '.join([str(seed), *rates])}))"

    def __str__(self) -> str:
        return f"{self.ended[ALL]:,} of {self.count:,} runs · {self.state}"

    @property
    def bar(self) -> Picture:
        """How they ended, as one bar."""
        errors = sorted({*self.ended} - {COMPLETE, GAPS, ALL})
        names = [COMPLETE, GAPS, *errors]
        return stacked_bar({name: self.ended[name] for name in names}, bad=errors, title=HOW)

    @property
    def table(self) -> Table:
        """How they ended, how many did, and how many of those broke the invariant."""
        errors = sorted({*self.ended} - {COMPLETE, GAPS, ALL})
        names = [COMPLETE, GAPS, *errors, ALL]
        if self.broken:
            rows = [(name, self.ended[name], self.broke[name]) for name in names]
            return table(rows, ["how they ended", "runs", "broke the invariant"])
        return table([(name, self.ended[name]) for name in names], ["how they ended", "runs"])


class Panel(WidgetShown):
    """Widgets where a kernel runs, a fixed page where none does, text in a terminal."""

    def __init__(self, widgets: Any, runs: Runs) -> None:
        """`widgets` is the module ipywidgets; `runs` are those that Run begins with."""
        self._first = runs
        self._drawn: Run | None = None
        self._parts: list[object] = []
        self._lock = threading.RLock()  # in some kernels each widget calls in a thread of its own
        sample = min(runs.count, SAMPLE)
        self._runs = replace(runs, count=sample, looks_at=(MET, MOST), done="made at the start")
        self._runs.go()
        self._make(widgets)
        self._show(self._runs)
        rows = [*runs.rates.items(), ("runs", runs.count), ("first seed", runs.seed)]
        values = table(rows, ["slider", "value"])
        ran = self._runs
        parts = [USE, values, f"What they give: {ran}", ran.bar, *self._parts, ran.table]
        self.text, self.html = "\n\n".join(map(str, parts)), to_html(*parts)

    def _make(self, widgets: Any) -> None:
        """Makes the sliders, fields and buttons, and `widget`, which holds them all."""

        def add_name(kind: Any, name: str, width: str = "22em", **values: Any) -> Any:
            style, layout = {"description_width": "8.5em"}, {"width": width}
            return kind(description=name, style=style, layout=layout, **values)

        self.sliders = {
            kind: add_name(widgets.FloatSlider, kind, WIDE, value=rate, max=0.5, step=0.01)
            for kind, rate in self._first.rates.items()
        }
        count, seed = self._first.count, self._first.seed
        self.count = add_name(widgets.BoundedIntText, "runs", value=count, min=1, max=1_000_000)
        self.seed = add_name(widgets.IntText, "first seed", value=seed)
        self.run_button = widgets.Button(description="Run", button_style="primary", icon="play")
        self.run_button.on_click(lambda _: self.start())
        self.stop_button = widgets.Button(description="Stop", icon="stop")
        self.stop_button.on_click(lambda _: self.stop())
        self.reset_button = widgets.Button(description="All rates to 0", icon="undo")
        self.reset_button.on_click(lambda _: self.reset())
        self.progress = widgets.IntProgress()
        self.status = widgets.HTML()
        self.bar, self.endings = widgets.HTML(), widgets.HTML()
        self.pick = add_name(widgets.Dropdown, "look at", "32em", options=PICKS)
        self.pick.observe(lambda _: self._show(self._runs), "value")
        self.picked = widgets.HTML()
        layout = {"flex_flow": "row wrap", "align_items": "center"}
        fields = [*self.sliders.values(), self.count, self.seed]
        buttons = [self.run_button, self.stop_button, self.reset_button, self.progress]
        boxes = [widgets.Box(line, layout=layout) for line in (fields, buttons)]
        # the table grows while it runs, so nothing is below it
        shown = [self.status, self.bar, self.pick, self.picked, self.endings]
        self.widget = widgets.VBox([*boxes, *shown])

    def start(self) -> None:
        """Begins again, in a thread, with what the sliders say; does nothing while runs are under
        way.
        """
        with self._lock:
            if self._runs.state == RUNNING:
                return
            rates = {kind: round(slider.value, 2) for kind, slider in self.sliders.items()}
            self._runs = replace(
                self._first, rates=rates, seed=self.seed.value, count=self.count.value
            )
            self._show(self._runs)
            thread = threading.Thread(
                target=self._runs.go, args=[self._show], name="panel", daemon=True
            )
            thread.start()

    def reset(self) -> None:
        """Puts every slider to 0, from where one kind alone is quick to try."""
        for slider in self.sliders.values():
            slider.value = 0.0

    def stop(self) -> None:
        """Stops at once; the run under way is not counted."""
        with self._lock:
            if self._runs.state == RUNNING:
                self._runs.state = "stopped"
            self._show(self._runs)

    def _show(self, runs: Runs) -> None:
        """Puts into the widgets how far these runs are; nothing where others have begun since."""
        with self._lock:
            if runs is not self._runs:
                return
            self.run_button.disabled = runs.state == RUNNING
            self.stop_button.disabled = runs.state != RUNNING
            self.progress.max, self.progress.value = runs.count, runs.ended[ALL]
            self.status.value, self.endings.value = to_html(str(runs)), runs.table.html
            self.bar.value = runs.bar.html
            self._add_picks([name for name in runs.kept if name not in self.pick.options])
            self._show_picked(runs)

    def _add_picks(self, names: list[str]) -> None:
        if names:
            chosen = self.pick.value
            self.pick.options = [*self.pick.options, *names]
            self.pick.value = chosen  # by itself it goes back to the first

    def _show_picked(self, runs: Runs) -> None:
        """Draws the run that is looked at, unless it is there already."""
        wanted = runs.looks_at if self.pick.value == CHOSEN else [self.pick.value]
        run = next((runs.kept[name] for name in wanted if name in runs.kept), None)
        if run is None or run is not self._drawn:
            self._drawn, self._parts = run, run.parts if run else ["No such run so far."]
            self.picked.value = to_html(*self._parts)
