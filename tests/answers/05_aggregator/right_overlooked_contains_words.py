# right: contains_words of the package
from mas_helpers.agents import contains_words


def overlooked(report, perspectives):
    pairs = []
    for finding in report.findings:
        for name, text in perspectives.items():
            is_quoted = any(quote.perspective == name for quote in finding.quotes)
            has_words = any(contains_words(text, quote.words) for quote in finding.quotes)
            if has_words and not is_quoted:
                pairs.append((finding.claim, name))
    return pairs
