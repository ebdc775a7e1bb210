# right: a lambda with next
that_fit = lambda turns, most: next(
    turns[i:]
    for i in range(len(turns) + 1)
    if sum(len(t.question.split()) + len(t.answer.split()) for t in turns[i:]) <= most
)
