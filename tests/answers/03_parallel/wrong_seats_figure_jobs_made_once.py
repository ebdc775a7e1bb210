# wrong: the jobs are made once
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    jobs = make_jobs()
    return figure(lambda seats: fan_out(jobs, seats), seats=(1, most))
