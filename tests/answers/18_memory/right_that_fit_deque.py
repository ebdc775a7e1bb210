# right: a deque
from collections import deque


def that_fit(turns, max_words):
    kept, left = deque(), max_words
    for turn in turns[::-1]:
        left -= len(turn.question.split() + turn.answer.split())
        if left < 0:
            break
        kept.appendleft(turn)
    return list(kept)
