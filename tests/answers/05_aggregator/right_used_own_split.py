# right: splits with re
import re

from mas_helpers.agents import normalize


def used(report, perspectives):
    quotes = [q for e in report.findings for q in e.quotes] + [
        q for e in report.contradictions for q in e.quotes
    ]
    counts = {}
    for name, text in perspectives.items():
        parts = [normalize(part) for part in re.split(r"(?<=[.?!]) ", text)]
        mine = [normalize(q.words) for q in quotes if q.perspective == name]
        counts[name] = (sum(1 for part in parts if any(w in part for w in mine)), len(parts))
    return counts
