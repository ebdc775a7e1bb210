# wrong: perspectives that are quoted come too
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    return [
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        if any(normalize(quote.words) in normalize(text) for quote in one.quotes)
    ]
