# wrong: range forgets the last one
from mas_helpers import fan_out, figure


def seats_figure(make_jobs, most):
    return figure(lambda seats: fan_out(make_jobs(), seats), seats=list(range(1, most)))
