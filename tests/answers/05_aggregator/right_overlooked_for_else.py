# right: for, else and break
from mas_helpers.agents import normalize


def overlooked(report, perspectives):
    pairs = []
    for finding in report.findings:
        for name, text in perspectives.items():
            found = False
            for quote in finding.quotes:
                if quote.perspective == name:
                    break
                found = found or normalize(quote.words) in normalize(text)
            else:
                if found:
                    pairs.append((finding.claim, name))
    return pairs
