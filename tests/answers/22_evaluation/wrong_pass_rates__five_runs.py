# wrong: takes it that there are five runs

def pass_rates(runs):
    qs = list(zip(*runs))
    n = len(qs)
    return {"any": sum(map(any, qs)) / n, "mean": sum(map(sum, runs)) / n / 5, "all": sum(sum(q) == 5 for q in qs) / n}
