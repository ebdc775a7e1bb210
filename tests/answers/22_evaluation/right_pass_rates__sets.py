# right: sets of right questions, joined and intersected

def pass_rates(runs):
    n = len(runs[0])
    rights = [{i for i, right in enumerate(run) if right} for run in runs]
    return dict(
        any=len(set().union(*rights)) / n,
        mean=sum(map(len, rights)) / (len(rights) * n),
        all=len(set.intersection(*rights)) / n,
    )
