# wrong: cuts the turn that does not fit
from mas_helpers.agents import Turn


def that_fit(turns, max_words):
    kept, left = [], max_words
    for turn in reversed(turns):
        words = turn.question.split() + turn.answer.split()
        if len(words) > left:
            if left:
                kept.insert(0, Turn(" ".join(words[:left]), ""))
            break
        kept.insert(0, turn)
        left -= len(words)
    return kept
