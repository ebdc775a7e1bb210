# right: tries each start
def that_fit(turns, max_words):
    def words(some):
        return len(" ".join(t.question + " " + t.answer for t in some).split())

    for start in range(len(turns) + 1):
        if words(turns[start:]) <= max_words:
            return turns[start:]
