"""The panel: what it counts, what Run and Stop do, what it shows where nothing can be pressed."""

import re
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
import systems

from mas_helpers.bench import random_faults
from mas_helpers.bench.tracing.spans import Trace
from mas_helpers.bench.trials import Trial
from mas_helpers.course import fault_panel
from mas_helpers.course.fault_panel import panel

VIEW = "application/vnd.jupyter.widget-view+json"


def orchestrated(schedule):
    return systems.run_of("orchestrate", schedule)


def complete(schedule):
    return Trial("All of it.", None, Trace())


class Gated:
    """A trial_of whose runs after the sample each wait to be let through; it knows how many ran at
    once.
    """

    def __init__(self):
        self.open, self.begun = threading.Semaphore(fault_panel.SAMPLE), threading.Semaphore(0)
        self.under_way = self.most_at_once = 0

    def __call__(self, schedule):
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        self.begun.release()
        assert self.open.acquire(timeout=600)
        self.under_way -= 1
        return complete(schedule)

    def wait_for(self, runs):
        for _ in range(runs):
            assert self.begun.acquire(timeout=600)

    def let(self, runs):
        self.open.release(runs)


@pytest.fixture
def gated():
    made = Gated()
    made.panel = panel(made)
    made.wait_for(fault_panel.SAMPLE)
    yield made
    made.panel.stop()
    made.let(10_000)
    join()


def join():
    for thread in threads():
        thread.join(timeout=600)
        assert not thread.is_alive()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "panel"]


def run_to_the_end(made):
    made.run_button.click()
    join()
    return made


def rows(made):
    """`{"complete": ["12", "0"], …}` as the panel shows it."""
    lines = [line.split("  ") for line in made._runs.table.text.splitlines()[2:]]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert all(f">{cell}</td>" in made.endings.value for line in cells for cell in line)
    return {name: numbers for name, *numbers in cells}


# -- what is counted


def ended(result=None, error=None):
    return rows(panel(lambda schedule: Trial(result, error, Trace()), runs=1))


def test_a_result_that_names_what_is_missing_has_gaps_whatever_its_type():
    assert ended("text")["complete"] == ["1"]
    assert ended(SimpleNamespace(missing=[]))["complete"] == ["1"]
    assert ended(SimpleNamespace(caveats=[]))["complete"] == ["1"]
    assert ended(SimpleNamespace(missing=["the task of data"]))["gaps named"] == ["1"]
    assert ended(SimpleNamespace(caveats=["not fact-checked"]))["gaps named"] == ["1"]


def test_an_error_is_counted_under_the_name_of_its_type():
    assert ended(error=ValueError("no")) == {
        "complete": ["0"],
        "gaps named": ["0"],
        "ValueError": ["1"],
        "in all": ["1"],
    }


SEEDS = range(3, 63)
RATES = dict.fromkeys(("overloaded", "timeout", "refused", "malformed"), 0.05) | {"refused": 0.1}


@pytest.fixture(scope="module")
def trials():
    """What each seed gives, asked for one by one."""
    return {seed: orchestrated(random_faults(seed, **RATES)) for seed in SEEDS}


@pytest.fixture(scope="module")
def ran():
    """A panel after sixty runs."""
    made = panel(
        orchestrated, runs=60, seed=3, broken=lambda trial: systems.broken(trial, deadline=30.0)
    )
    made.sliders["refused"].value = RATES["refused"]
    return run_to_the_end(made)


def test_every_run_of_a_system_is_counted_once_and_the_seeds_count_up_from_the_first(ran, trials):
    shown = {name: int(runs) for name, (runs, _) in rows(ran).items()}
    refused = sum(type(trial.error).__name__ == "ReplyRefused" for trial in trials.values())
    gaps = sum(trial.error is None and bool(trial.result.missing) for trial in trials.values())
    assert (shown["gaps named"], shown["ReplyRefused"], shown["in all"]) == (gaps, refused, 60)
    assert gaps and refused and sum(shown.values()) == 120
    assert "60 of 60 runs · done" in ran.status.value and (
        ran.progress.value,
        ran.progress.max,
    ) == (
        60,
        60,
    )


def test_runs_that_break_the_invariant_are_counted_and_the_first_is_shown(ran, trials):
    late = [seed for seed, trial in trials.items() if trial.trace.seconds > 30.0]
    assert rows(ran)["in all"] == ["60", str(len(late))] and late
    assert f"Seed {late[0]} ended" in ran.picked.value
    assert "broke the invariant: it took" in ran.picked.value
    assert f"{'; '.join(trials[late[0]].faults)}\n" in ran.picked.value
    assert (
        f"trial_of(random_faults({late[0]}, "
        "overloaded=0.05, timeout=0.05, refused=0.1, malformed=0.05))" in ran.picked.value
    )
    assert 'src="data:image/svg+xml' in ran.picked.value


def test_the_timeline_keeps_its_place_while_runs_end_in_new_ways(ran):
    shown = [*ran.widget.children]
    assert shown.index(ran.picked) < shown.index(ran.endings) == len(shown) - 1
    assert shown.index(ran.bar) < shown.index(ran.picked)
    fresh = panel(complete, runs=1)
    heights = [re.findall(r'height="(\d+)" style', made.bar.value) for made in (ran, fresh)]
    assert heights[0] == heights[1] and len(heights[0]) == 2
    assert len(rows(ran)) > len(rows(fresh))


def test_the_bar_shows_every_ending_with_its_count(ran):
    said = [f"{name}: {numbers[0]}" for name, numbers in rows(ran).items() if name != "in all"]
    assert all(words in ran.bar.value for words in said) and len(said) > 2


def test_few_runs_are_kept_however_many_were_made(ran):
    assert len(ran._runs.kept) <= 3 + len(ran._runs.ended)


def test_a_run_can_be_chosen_by_its_ending_and_stays_chosen_in_the_next_runs(ran, trials):
    assert {"first: complete", "first: gaps named", "first: ReplyRefused"} <= set(ran.pick.options)
    first = next(
        seed for seed, trial in trials.items() if type(trial.error).__name__ == "ReplyRefused"
    )
    ran.pick.value = "first: ReplyRefused"
    assert f"Seed {first} ended: ReplyRefused · " in ran.picked.value
    ran.seed.value, ran.count.value = first, 1
    run_to_the_end(ran)
    assert (
        ran.pick.value == "first: ReplyRefused"
        and f"Seed {first} ended: ReplyRefused · " in ran.picked.value
    )
    ran.sliders["refused"].value = 0.0
    run_to_the_end(ran)
    assert "No such run so far." in ran.picked.value


def test_without_an_invariant_nothing_is_said_of_it_and_the_run_with_most_faults_is_shown():
    kinds = ["reset", "refused"]

    def met(schedule):
        faults = [kind for kind in kinds if schedule(kind, 1, 1, 0.0)]
        return SimpleNamespace(result="", error=None, trace=Trace(), faults=faults)

    made = run_to_the_end(panel(met, runs=100, kinds=kinds))
    both = (
        seed
        for seed in range(100)
        if all(random_faults(seed, reset=0.05, refused=0.05)(k, 1, 1, 0.0) for k in kinds)
    )
    assert (
        f"Seed {next(both)} ended" in made.picked.value
        and "Faults, in order: reset; refused" in made.picked.value
    )
    assert "invariant" not in made.endings.value + made.picked.value + made.text


# -- Run and Stop


def test_run_starts_at_once_and_pressing_it_twice_is_harmless(gated):
    gated.panel.run_button.click()
    runs = gated.panel._runs
    assert gated.panel.run_button.disabled and not gated.panel.stop_button.disabled
    assert "0 of 200 runs · running" in gated.panel.status.value
    gated.wait_for(1)
    gated.panel.run_button.click()
    gated.panel.start()
    assert gated.panel._runs is runs and len(threads()) == 1
    gated.let(200)
    join()
    assert rows(gated.panel)["in all"] == ["200"]
    assert not gated.panel.run_button.disabled and gated.panel.stop_button.disabled


def test_stop_shows_at_once_and_the_run_under_way_is_not_counted(gated):
    gated.panel.run_button.click()
    gated.let(5)
    gated.wait_for(6)
    gated.panel.stop_button.click()
    assert "5 of 200 runs · stopped" in gated.panel.status.value  # the sixth still runs
    assert not gated.panel.run_button.disabled and gated.panel.stop_button.disabled
    gated.let(1)
    join()
    assert (
        rows(gated.panel)["in all"] == ["5"]
        and "5 of 200 runs · stopped" in gated.panel.status.value
    )
    assert not threads()


def test_run_after_stop_begins_anew_and_never_runs_two_systems_at_once(gated):
    gated.panel.run_button.click()
    gated.let(5)
    gated.wait_for(6)
    gated.panel.stop_button.click()
    gated.panel.count.value = 7
    gated.panel.run_button.click()  # the sixth run of before is still under way
    assert "0 of 7 runs · running" in gated.panel.status.value
    gated.let(8)
    join()
    assert rows(gated.panel)["in all"] == ["7"] and "7 of 7 runs · done" in gated.panel.status.value
    assert gated.most_at_once == 1


def test_stop_without_a_run_changes_nothing(gated):
    before = gated.panel.status.value
    gated.panel.stop_button.click()
    assert gated.panel.status.value == before and "made at the start" in before


def test_the_sliders_are_read_when_run_is_pressed():
    seen = []

    def note(schedule):
        seen.append(sum(schedule("worker", call, 1, 0.0) is not None for call in range(1, 1001)))
        return complete(schedule)

    made = panel(note, kinds=("reset",), runs=1)
    made.sliders["reset"].value = 0.5
    run_to_the_end(made)
    assert seen[0] < 100 < 400 < seen[1]
    assert "random_faults(0, reset=0.5)" in made.picked.value


def test_the_browser_is_told_five_times_a_second_however_fast_the_runs_are(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(fault_panel, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def tenth_of_a_second(schedule):
        now[0] += 0.01
        return complete(schedule)

    made = panel(tenth_of_a_second, runs=300)
    told = []
    made.progress.observe(lambda change: told.append(change["new"]), "value")
    run_to_the_end(made)
    assert told[0] == 0 and told[1:] == sorted(told[1:]) and told[-1] == 300
    assert 15 <= len(told) <= 18  # in 3 seconds of runs


# -- what goes wrong


def test_an_error_of_trial_of_is_shown_with_its_seed_and_ends_the_runs():
    calls = []

    def fails_late(schedule):
        calls.append(schedule)
        if len(calls) == fault_panel.SAMPLE + 6:
            raise LookupError("no <client> here")
        return complete(schedule)

    made = run_to_the_end(panel(fails_late, seed=10))
    assert "5 of 200 runs · ended by an error" in made.status.value
    assert "Seed 15 raised LookupError: no &lt;client&gt; here" in made.status.value
    assert "Again: trial_of(random_faults(15, overloaded=0.05" in made.status.value
    assert not made.run_button.disabled and made.stop_button.disabled
    assert "200 of 200 runs · done" in run_to_the_end(made).status.value


def test_an_error_of_broken_says_how_to_see_it_again():
    made = panel(complete, broken=lambda trial: trial.nothing)
    assert "Seed 0 raised AttributeError" in made.status.value
    assert "Again: broken(trial_of(random_faults(0, " in made.status.value
    assert "Seed 0 raised AttributeError" in made.text and "No such run so far." in made.text


def test_one_button_puts_every_rate_to_0_and_the_next_run_meets_no_fault():
    made = panel(orchestrated, runs=20)
    made.reset_button.click()
    assert [slider.value for slider in made.sliders.values()] == [0.0] * 4
    assert rows(run_to_the_end(made))["complete"] == ["20"]
    assert "trial_of(random_faults(0))" in made.picked.value


def test_rates_that_are_more_than_one_together_are_said_to_be():
    made = panel(complete)
    for slider in made.sliders.values():
        slider.value = 0.5
    assert "no more than 1 together" in run_to_the_end(made).status.value


def test_an_unknown_kind_is_an_error_before_anything_runs():
    with pytest.raises(
        ValueError, match="overload: no kind of fault. There are: rate_limited, overloaded"
    ):
        panel(lambda schedule: pytest.fail("it ran"), kinds=("overload",))


def test_without_ipywidgets_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ModuleNotFoundError, match="`%pip install ipywidgets`"):
        panel(complete)


# -- what is shown where nothing can be pressed

BUNDLE = """
import sys; sys.path.insert(0, "tests")
import systems
from mas_helpers.course.fault_panel import panel
for _ in range(2):
    made = panel(lambda schedule: systems.run_of("orchestrate", schedule), broken=systems.broken)
    print(ascii([made.text, made.html]))
"""


@pytest.mark.slow
def test_the_stored_output_is_the_same_each_time_and_in_another_process(home):
    made = panel(orchestrated, broken=systems.broken)
    command = [sys.executable, "-W", "error", "-c", BUNDLE]
    done = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout.splitlines() == [ascii([made.text, made.html])] * 2 and done.stderr == ""


def test_the_stored_output_stays_what_it_was_after_runs():
    made = panel(orchestrated, runs=5)
    before = made.text, made.html
    made.sliders["refused"].value = 0.5
    run_to_the_end(made)
    assert (made.text, made.html) == before


def test_the_page_shows_sliders_a_small_run_and_the_timeline_of_the_first_that_met_a_fault():
    made = panel(orchestrated, kinds=("refused", "reset"), runs=500, seed=7)
    bundle = made._repr_mimebundle_()
    assert bundle["text/plain"] == repr(made) == made.text and bundle["text/html"] == made.html
    assert bundle[VIEW]["model_id"] == made.widget.model_id
    for part in (
        "refused",
        "reset",
        "0.05",
        "500",
        "first seed",
        "40 of 40 runs · made at the start",
        "in all",
    ):
        assert part in made.html and part in made.text
    rates = {"refused": 0.05, "reset": 0.05}
    met = next(seed for seed in range(7, 47) if orchestrated(random_faults(seed, **rates)).faults)
    assert f"Seed {met} ended: " in made.html and f"Seed {met} ended: " in made.text
    assert "timeline · " in made.text and '<img src="data:image/svg+xml' in made.html
    assert "<svg" not in made.html and "<script" not in made.html


def test_where_no_run_met_a_fault_some_run_is_shown():
    assert "Seed 0 ended: complete\nFaults, in order: none" in panel(complete).text


def test_every_field_has_a_label_and_no_line_is_wider_than_a_small_window():
    made = panel(complete)
    fields = [*made.sliders.values(), made.count, made.seed, made.pick]
    assert [field.description for field in fields] == [
        *made.sliders,
        "runs",
        "first seed",
        "look at",
    ]
    assert all(float(field.layout.width.removesuffix("em")) * 13 < 600 for field in fields)
    # the name and the number take 14 em: two fifths and more of the slider is its track
    assert all(float(one.layout.width.removesuffix("em")) >= 30 for one in made.sliders.values())
    assert all(
        (slider.min, slider.max, slider.step) == (0.0, 0.5, 0.01)
        for slider in made.sliders.values()
    )
