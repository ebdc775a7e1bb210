# wrong: looks at the last quote only
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    return [
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        if name not in [quote.perspective for quote in one.quotes]
        and normalize(one.quotes[-1].words) in normalize(text)
    ]
