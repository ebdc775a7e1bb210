# wrong: splits at every point
from mas_helpers.agents import normalize, quotes_of


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        said = [normalize(part) for part in text.split(".") if part.strip()]
        words = [normalize(q.words) for q in quotes_of(report) if q.perspective == name]
        counts[name] = (sum(any(w in one for w in words) for one in said), len(said))
    return counts
