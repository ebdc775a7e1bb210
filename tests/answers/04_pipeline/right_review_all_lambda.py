# right: a lambda that hands the coroutine of fan_out on
from mas_helpers import fan_out, run_pipeline

review_all = lambda tasks, stages: fan_out({n: run_pipeline(t, stages) for n, t in tasks.items()})
