# wrong: a window of turns
def that_fit(turns, max_words):
    return turns[-max_words:]
