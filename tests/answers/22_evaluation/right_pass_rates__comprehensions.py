# right: comprehensions and one small function

def pass_rates(runs):
    questions = [*zip(*runs)]
    share = lambda marks: sum(marks) / len(marks)
    return {"any": share([any(q) for q in questions]),
            "mean": share([mark for run in runs for mark in run]),
            "all": share([all(q) for q in questions])}
