# right: math.floor
import math


def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    most = min(requests_a_minute * seconds / 60, tokens_a_minute * seconds / tokens / 60)
    return max(math.floor(most), 1)
