# wrong: a set, which has no order
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    return {
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        if name not in [quote.perspective for quote in one.quotes]
        and any(normalize(quote.words) in normalize(text) for quote in one.quotes)
    }
