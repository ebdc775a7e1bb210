# right: recursion over the rest
def that_fit(turns, max_words):
    if not turns:
        return []
    *older, last = turns
    left = max_words - len(last.question.split()) - len(last.answer.split())
    return [] if left < 0 else that_fit(older, left) + [last]
