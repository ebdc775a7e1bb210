# right: one comprehension of a dictionary
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    def is_heard(name, sentence):
        return any(
            quote.perspective == name and normalize(quote.words) in normalize(sentence)
            for quote in quotes_of(report)
        )

    return {
        name: (sum(is_heard(name, one) for one in sentences(text)), len(sentences(text)))
        for name, text in perspectives.items()
    }
