# wrong: compares the words as they are typed
def overlooked(report, perspectives):
    return [
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        if name not in [quote.perspective for quote in one.quotes]
        and any(quote.words in text for quote in one.quotes)
    ]
