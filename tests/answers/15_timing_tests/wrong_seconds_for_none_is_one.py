# wrong: takes no limit for one at a time
import math


def seconds_for(n, max_concurrency):
    return 4.0 * math.ceil(n / (max_concurrency or 1))
