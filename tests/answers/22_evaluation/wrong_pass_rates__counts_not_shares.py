# wrong: counts, not shares

def pass_rates(runs):
    qs = list(zip(*runs))
    return {"any": sum(map(any, qs)), "mean": sum(map(sum, runs)) / len(runs), "all": sum(map(all, qs))}
