# right: casefold and split by hand
def overlooked(report, perspectives):
    def plain(text):
        return " ".join(text.casefold().split())

    texts = {name: plain(text) for name, text in perspectives.items()}
    return [
        (one.claim, name)
        for one in report.findings
        for name in texts
        if name not in {quote.perspective for quote in one.quotes}
        if any(plain(quote.words) in texts[name] for quote in one.quotes)
    ]
