# wrong: forgets that there may be no limit
import math


def seconds_for(n, max_concurrency):
    return 4.0 * math.ceil(n / max_concurrency)
