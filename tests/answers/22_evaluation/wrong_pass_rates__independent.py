# wrong: computes with chances, as if questions were alike

from math import prod

def pass_rates(runs):
    scores = [sum(run) / len(run) for run in runs]
    return {"any": 1 - prod(1 - s for s in scores), "mean": sum(scores) / len(scores), "all": prod(scores)}
