# wrong: a text with a unit
import math


def seconds_for(n, max_concurrency):
    return f"{4.0 * math.ceil(n / (max_concurrency or n))} s"
