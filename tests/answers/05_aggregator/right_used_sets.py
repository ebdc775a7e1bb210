# right: the numbers of the sentences in a set
from mas_helpers.agents import normalize, quotes_of, sentences


def used(report, perspectives):
    result = {}
    for name, text in perspectives.items():
        said, heard = sentences(text), set()
        for quote in quotes_of(report):
            if quote.perspective == name:
                heard |= {
                    n for n, one in enumerate(said) if normalize(quote.words) in normalize(one)
                }
        result[name] = len(heard), len(said)
    return result
