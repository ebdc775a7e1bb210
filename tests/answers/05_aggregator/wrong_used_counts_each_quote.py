# wrong: counts quotes, not sentences
from mas_helpers.agents import quotes_of, sentences


def used(report, perspectives):
    return {
        name: (sum(q.perspective == name for q in quotes_of(report)), len(sentences(text)))
        for name, text in perspectives.items()
    }
