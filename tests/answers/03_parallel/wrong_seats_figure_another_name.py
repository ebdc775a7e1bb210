# wrong: the knob has another name
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    return figure(lambda limit: fan_out(make_jobs(), limit), limit=(1, most))
