# right: the function in one line, as a lambda
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    return figure(lambda seats: fan_out(make_jobs(), seats), seats=(1, most))
