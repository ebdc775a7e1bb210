# wrong: async def, where nothing is awaited

async def pass_rates(runs):
    qs = list(zip(*runs))
    n = len(qs)
    return {"any": sum(map(any, qs)) / n, "mean": sum(map(sum, runs)) / n / len(runs), "all": sum(map(all, qs)) / n}
