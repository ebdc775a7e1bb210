# wrong: one pair for all perspectives together
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    said = [normalize(one) for text in perspectives.values() for one in sentences(text)]
    words = [normalize(quote.words) for quote in quotes_of(report)]
    return sum(any(w in one for w in words) for one in said), len(said)
