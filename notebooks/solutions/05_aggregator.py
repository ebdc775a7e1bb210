"""Solutions to the exercises of 05_aggregator."""

import re

from mas_helpers import Untraceable, aggregate, folded


async def aggregate_again(question, perspectives, merger):
    try:
        return await aggregate(question, perspectives, merger)
    except Untraceable as error:
        named = "\n".join(error.problems)
    return await aggregate(f"{question}\n\nYour last report had these problems:\n{named}", perspectives, merger)


def overlooked(report, perspectives):
    pairs = []
    for finding in report.findings:
        quoted = {quote.perspective for quote in finding.quotes}
        for name, text in perspectives.items():
            if name not in quoted and any(folded(quote.words) in folded(text) for quote in finding.quotes):
                pairs.append((finding.claim, name))
    return pairs


def used(report, perspectives):
    quotes = [quote for entry in [*report.findings, *report.contradictions] for quote in entry.quotes]
    counts = {}
    for name, text in perspectives.items():
        whole = [folded(sentence) for sentence in re.split(r"(?<=[.!?])\s+", text.strip())]
        words = [folded(quote.words) for quote in quotes if quote.perspective == name]
        counts[name] = (sum(any(w in sentence for w in words) for sentence in whole), len(whole))
    return counts
