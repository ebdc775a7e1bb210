# right: exact fractions
from fractions import Fraction


def at_once(requests_a_minute, tokens_a_minute, seconds, tokens):
    rate = min(Fraction(requests_a_minute), Fraction(tokens_a_minute, tokens)) / 60
    return max(1, int(rate * Fraction(seconds)))
