"""Solutions to the exercises of 05_aggregator."""

from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport, normalize, quotes_of, sentences


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        named = "\n".join(error.problems)
    again = f"{question}\n\nYour last report had these problems:\n{named}"
    return await aggregate(again, perspectives, aggregator)


def overlooked(report, perspectives):
    pairs = []
    for finding in report.findings:
        quoted = {quote.perspective for quote in finding.quotes}
        words = [normalize(quote.words) for quote in finding.quotes]
        for name in perspectives:
            text = normalize(perspectives[name])
            if name not in quoted and any(one in text for one in words):
                pairs.append((finding.claim, name))
    return pairs


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        words = [normalize(one.words) for one in quotes_of(report) if one.perspective == name]
        said = [normalize(sentence) for sentence in sentences(text)]
        quoted = [sentence for sentence in said if any(one in sentence for one in words)]
        counts[name] = (len(quoted), len(said))
    return counts
