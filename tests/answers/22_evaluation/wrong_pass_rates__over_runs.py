# wrong: any and all of each run, not of each question

def pass_rates(runs):
    n = len(runs)
    return {"any": sum(any(run) for run in runs) / n,
            "mean": sum(sum(run) / len(run) for run in runs) / n,
            "all": sum(all(run) for run in runs) / n}
