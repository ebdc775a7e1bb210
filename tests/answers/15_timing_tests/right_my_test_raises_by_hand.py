# right: raise AssertionError, without assert
from mas_helpers import run, trace


def my_test(system, seconds):
    with trace() as t:
        run(system(), clock="virtual")
    problems = []
    if t.seconds != round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6):
        problems.append(f"it took {t.seconds} s")
    agents = sorted(call.agent for call in t.calls)
    if len(agents) != len(seconds["workers"]) + 2 or len(set(agents)) < len(agents):
        problems.append(f"it asked {agents}")
    if problems:
        raise AssertionError("; ".join(problems))
