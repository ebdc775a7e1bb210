# wrong: without the number of all sentences
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        words = [normalize(q.words) for q in quotes_of(report) if q.perspective == name]
        counts[name] = sum(any(w in normalize(one) for w in words) for one in sentences(text))
    return counts
