# right: lists of two instead of tuples
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    counts = {name: [0, 0] for name in perspectives}
    for name, text in perspectives.items():
        for sentence in map(normalize, sentences(text)):
            counts[name][1] += 1
            words = [normalize(q.words) for q in quotes_of(report) if q.perspective == name]
            counts[name][0] += any(one in sentence for one in words)
    return counts
