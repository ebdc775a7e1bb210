# wrong: a tolerance of a tenth
from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    whole = round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6)
    names = [call.agent for call in t.calls]
    assert abs(t.seconds - whole) < whole / 10
    assert len(names) == len(set(names)) == len(seconds["workers"]) + 2
