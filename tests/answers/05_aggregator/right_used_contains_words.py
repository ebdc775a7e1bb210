# right: contains_words of the package
from mas_helpers.agents import contains_words, quotes_of, sentences


def used(report, perspectives):
    counts = {}
    for name, text in perspectives.items():
        said = sentences(text)
        quotes = [quote for quote in quotes_of(report) if quote.perspective == name]
        heard = [one for one in said if any(contains_words(one, q.words) for q in quotes)]
        counts[name] = (len(heard), len(said))
    return counts
