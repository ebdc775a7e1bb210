# wrong: stops at the first sentence that is heard
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        words = [normalize(q.words) for q in quotes_of(report) if q.perspective == name]
        said = sentences(text)
        counts[name] = (int(any(w in normalize(text) for w in words)), len(said))
    return counts
