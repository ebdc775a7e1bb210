# right: a lambda with a comprehension
from mas_helpers.agents import normalize

has = lambda text, quotes: any(normalize(quote.words) in normalize(text) for quote in quotes)
overlooked = lambda report, perspectives: [
    (one.claim, name)
    for one in report.findings
    for name, text in perspectives.items()
    if has(text, one.quotes) and name not in [quote.perspective for quote in one.quotes]
]
