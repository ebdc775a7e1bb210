# right: an object that is called
from mas_helpers import fan_out, figure


class Run:
    def __init__(self, make_jobs):
        self.make_jobs = make_jobs

    async def __call__(self, seats):
        return await fan_out(self.make_jobs(), max_concurrency=seats)


def seats_figure(make_jobs, most):
    return figure(Run(make_jobs), seats=(1, most))
