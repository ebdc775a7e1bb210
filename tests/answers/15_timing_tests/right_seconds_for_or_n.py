# right: no limit is as many seats as workers
import math


def seconds_for(n, max_concurrency):
    return 4.0 * math.ceil(n / (max_concurrency or n))
