# right: an object that can be called, starts of the workers, too
from mas_helpers import run, trace


class Test:
    def __call__(self, system, seconds):
        with trace() as t:
            run(system(), clock="virtual")
        first, *middle, last = sorted(t.calls, key=lambda call: call.start)
        starts = {round(call.start, 6) for call in middle}
        assert starts == {round(seconds["planner"], 6)}, starts
        assert len(middle) == len(seconds["workers"]) == len({call.agent for call in middle})
        took = round(seconds["planner"] + max(seconds["workers"]) + seconds["synthesizer"], 6)
        assert t.seconds == took, t.seconds


my_test = Test()
