# wrong: a picture of one run, which cannot be turned
from mas_helpers import fan_out, run, timeline, trace


def seats_figure(make_jobs, most):
    with trace() as together:
        run(fan_out(make_jobs(), max_concurrency=most))
    return timeline(together)
