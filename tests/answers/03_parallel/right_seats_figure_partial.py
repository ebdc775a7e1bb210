# right: a function outside, with make_jobs filled in
import functools

from mas_helpers import fan_out, figure


async def run_jobs(make_jobs, seats):
    jobs = make_jobs()
    return await fan_out(jobs, max_concurrency=seats)


def seats_figure(make_jobs, most):
    return figure(functools.partial(run_jobs, make_jobs), seats=(1, most))
