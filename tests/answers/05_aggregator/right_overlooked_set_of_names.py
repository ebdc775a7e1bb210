# right: sets of names, taken away from each other
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    pairs = []
    for one in report.findings:
        words = {normalize(quote.words) for quote in one.quotes}
        having = [n for n, text in perspectives.items() if any(w in normalize(text) for w in words)]
        quoted = [quote.perspective for quote in one.quotes]
        pairs.extend((one.claim, name) for name in having if name not in quoted)
    return pairs
