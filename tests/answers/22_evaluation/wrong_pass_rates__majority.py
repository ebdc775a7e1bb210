# wrong: mean counts the questions with a majority

def pass_rates(runs):
    qs = list(zip(*runs))
    return {"any": sum(map(any, qs)) / len(qs),
            "mean": sum(sum(q) > len(q) / 2 for q in qs) / len(qs),
            "all": sum(map(all, qs)) / len(qs)}
