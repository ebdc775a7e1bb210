"""Solutions to the exercises of 05_aggregator."""

import re

from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport, normalize


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        named = "\n".join(error.problems)
    return await aggregate(
        f"{question}\n\nYour last report had these problems:\n{named}", perspectives, aggregator
    )


def overlooked(report, perspectives):
    pairs = []
    for finding in report.findings:
        quoted = {quote.perspective for quote in finding.quotes}
        for name, text in perspectives.items():
            if name not in quoted and any(
                normalize(quote.words) in normalize(text) for quote in finding.quotes
            ):
                pairs.append((finding.claim, name))
    return pairs


def used(report, perspectives):
    quotes = [
        quote for entry in [*report.findings, *report.contradictions] for quote in entry.quotes
    ]
    counts = {}
    for name, text in perspectives.items():
        whole = [normalize(sentence) for sentence in re.split(r"(?<=[.!?])\s+", text.strip())]
        words = [normalize(quote.words) for quote in quotes if quote.perspective == name]
        counts[name] = (sum(any(w in sentence for w in words) for sentence in whole), len(whole))
    return counts
