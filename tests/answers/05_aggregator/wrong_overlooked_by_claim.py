# wrong: a dictionary of names by claim
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    found = {}
    for one in report.findings:
        for name, text in perspectives.items():
            if name not in [quote.perspective for quote in one.quotes] and any(
                normalize(quote.words) in normalize(text) for quote in one.quotes
            ):
                found.setdefault(one.claim, []).append(name)
    return found
