# wrong: takes the seconds from the run that it tests
from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    planner, *workers, synthesizer = (call.seconds for call in t.calls)
    assert t.seconds == round(planner + max(workers) + synthesizer, 6)
    assert len({call.agent for call in t.calls}) == len(t.calls) == len(seconds["workers"]) + 2
