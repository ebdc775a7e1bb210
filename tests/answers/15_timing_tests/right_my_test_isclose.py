# right: math.isclose instead of round
import math
from collections import Counter

from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    whole = seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"]
    assert math.isclose(t.seconds, whole, abs_tol=1e-6), t.seconds
    times = Counter(call.agent for call in t.calls)
    assert set(times.values()) == {1}, times
    assert len(times) == 2 + len(seconds["workers"]), times
