# right: math.ceil
import math


def seconds_for(n, max_concurrency):
    if max_concurrency is None:
        return 4
    return 4 * math.ceil(n / max_concurrency)
