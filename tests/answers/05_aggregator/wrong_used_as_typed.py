# wrong: compares the words as they are typed
from mas_helpers.agents import quotes_of, sentences


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        words = [q.words for q in quotes_of(report) if q.perspective == name]
        said = sentences(text)
        counts[name] = (sum(any(w in one for w in words) for one in said), len(said))
    return counts
