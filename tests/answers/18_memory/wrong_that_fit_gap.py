# wrong: skips what does not fit
def that_fit(turns, max_words):
    kept = []
    for turn in reversed(turns):
        words = len(turn.question.split()) + len(turn.answer.split())
        if words <= max_words:
            kept.insert(0, turn)
            max_words -= words
    return kept
