# wrong: < instead of <=
def that_fit(turns, max_words):
    kept, words = [], 0
    for turn in reversed(turns):
        words += len(turn.question.split()) + len(turn.answer.split())
        if words >= max_words:
            break
        kept.insert(0, turn)
    return kept
