# right: how many runs had each question right

from collections import Counter

def pass_rates(runs):
    counts = Counter(sum(q) for q in zip(*runs))
    n = sum(counts.values())
    return {"all": counts[len(runs)] / n, "any": 1 - counts[0] / n,
            "mean": sum(k * v for k, v in counts.items()) / n / len(runs)}
