# wrong: counts words of others, too
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    words = [normalize(quote.words) for quote in quotes_of(report)]
    counts = {}
    for name, text in perspectives.items():
        said = [normalize(one) for one in sentences(text)]
        counts[name] = (sum(any(w in one for w in words) for one in said), len(said))
    return counts
