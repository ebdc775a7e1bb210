# wrong: keeps the one that does not fit
def that_fit(turns, max_words):
    kept, words = [], 0
    for turn in reversed(turns):
        kept.insert(0, turn)
        words += len(turn.question.split()) + len(turn.answer.split())
        if words > max_words:
            break
    return kept
