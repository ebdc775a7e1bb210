"""Tempting wrong answers to the exercises of 05_aggregator, and what is wrong with them."""

from mas_helpers import aggregate
from mas_helpers.agents import Report, UntraceableReport, normalize, quotes_of, sentences


async def aggregate_again(question, perspectives, aggregator):
    """The second prompt says what's wrong, and no longer what was said: each call begins from
    nothing, so the aggregator has no text to quote from.

    And `parse` alone doesn't trace the second report.

    Ask back: what does the aggregator know of its first call? Who checks the second report?
    """
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        problems = "\n".join(error.problems)
        return await aggregator.parse(f"{question}\n\nFix these problems:\n{problems}", Report)


def overlooked(report, perspectives):
    """Each quote is compared with the other texts, as if its finding had no other quote.

    A perspective that the finding already quotes, with other words, is called overlooked.

    Ask back: who is quoted here, the quote's own perspective or all those of the finding?
    """
    pairs = []
    for finding in report.findings:
        for quote in finding.quotes:
            for name, text in perspectives.items():
                pair = (finding.claim, name)
                found = normalize(quote.words) in normalize(text)
                if found and name != quote.perspective and pair not in pairs:
                    pairs.append(pair)
    return pairs


def used(report, perspectives):
    """It counts quotes.

    Two quotes from one sentence count as two sentences, and a perspective that's quoted over and
    over for one remark looks well used.

    Ask back: can your first number be larger than your second? What would that mean?
    """
    counts = {}
    for name, text in perspectives.items():
        words = [normalize(one.words) for one in quotes_of(report) if one.perspective == name]
        quoted = [one for one in words if one in normalize(text)]
        counts[name] = (len(quoted), len(sentences(text)))
    return counts
