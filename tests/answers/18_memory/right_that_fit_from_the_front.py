# right: drops the oldest until it fits
def that_fit(turns, max_words):
    turns = list(turns)
    while sum(len(f"{t.question} {t.answer}".split()) for t in turns) > max_words:
        turns.pop(0)
    return turns
