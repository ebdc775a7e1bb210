# wrong: forgets the contradictions
from mas_helpers.agents import normalize, sentences


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        quotes = [q for one in report.findings for q in one.quotes if q.perspective == name]
        said = sentences(text)
        heard = [s for s in said if any(normalize(q.words) in normalize(s) for q in quotes)]
        counts[name] = (len(heard), len(said))
    return counts
