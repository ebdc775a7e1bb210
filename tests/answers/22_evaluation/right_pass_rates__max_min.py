# right: max and min of each question

from statistics import mean

def pass_rates(runs):
    per_question = list(zip(*runs))
    return {
        "any": mean(float(max(q)) for q in per_question),
        "mean": mean(mean(map(float, q)) for q in per_question),
        "all": mean(float(min(q)) for q in per_question),
    }
