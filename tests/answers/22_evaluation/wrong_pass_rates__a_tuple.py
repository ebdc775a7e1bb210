# wrong: a tuple without names

def pass_rates(runs):
    qs = list(zip(*runs))
    n = len(qs)
    return sum(map(any, qs)) / n, sum(map(sum, runs)) / n / len(runs), sum(map(all, qs)) / n
