# right: accumulate and takewhile
from itertools import accumulate, takewhile


def that_fit(turns, max_words):
    sizes = [len(t.question.split()) + len(t.answer.split()) for t in reversed(turns)]
    count = len(list(takewhile(lambda total: total <= max_words, accumulate(sizes))))
    return list(turns[len(turns) - count :])
