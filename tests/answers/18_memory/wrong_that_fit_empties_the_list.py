# wrong: pops from the list it was given
def that_fit(turns, max_words):
    kept = []
    while turns:
        turn = turns.pop()
        max_words -= len(turn.question.split()) + len(turn.answer.split())
        if max_words < 0:
            break
        kept.insert(0, turn)
    return kept
