# right: a column for each question

def pass_rates(runs):
    n = len(runs[0])
    columns = [[run[i] for run in runs] for i in range(n)]
    return {
        "any": sum(1 for c in columns if any(c)) / n,
        "mean": sum(sum(c) for c in columns) / (n * len(runs)),
        "all": sum(1 for c in columns if all(c)) / n,
    }
