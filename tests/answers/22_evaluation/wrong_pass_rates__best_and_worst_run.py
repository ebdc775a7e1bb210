# wrong: the best and the worst run

def pass_rates(runs):
    scores = [sum(run) / len(run) for run in runs]
    return {"any": max(scores), "mean": sum(scores) / len(scores), "all": min(scores)}
