# right: seconds with ==, and each name once
from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    expected = round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6)
    assert t.seconds == expected, f"{t.seconds} s, not {expected}"
    names = [call.agent for call in t.calls]
    assert len(names) == len(set(names)) == len(seconds["workers"]) + 2
