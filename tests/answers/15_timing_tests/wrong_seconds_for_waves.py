# wrong: gives the waves, not the seconds
import math


def seconds_for(n, max_concurrency):
    return math.ceil(n / (max_concurrency or n))
