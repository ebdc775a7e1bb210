# wrong: a pair for each quote
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    return [
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        for quote in one.quotes
        if name not in [other.perspective for other in one.quotes]
        and normalize(quote.words) in normalize(text)
    ]
