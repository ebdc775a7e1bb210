# wrong: rounded up
import math


def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    return max(1, math.ceil(min(requests_a_minute, tokens_a_minute / tokens) * seconds / 60))
