# wrong: it can be turned to no seat at all
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    return figure(lambda seats=1: fan_out(make_jobs(), seats), seats=(0, most))
