# wrong: white space, but not letter case
def overlooked(report, perspectives):
    def plain(text):
        return " ".join(text.split())

    return [
        (one.claim, name)
        for one in report.findings
        for name, text in perspectives.items()
        if name not in [quote.perspective for quote in one.quotes]
        and any(plain(quote.words) in plain(text) for quote in one.quotes)
    ]
