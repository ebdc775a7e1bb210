# wrong: empties the lists that it was given

def pass_rates(runs):
    n, k = len(runs[0]), len(runs)
    marks = []
    while runs[0]:
        marks.append([run.pop() for run in runs])
    return {"any": sum(map(any, marks)) / n, "mean": sum(map(sum, marks)) / n / k, "all": sum(map(all, marks)) / n}
