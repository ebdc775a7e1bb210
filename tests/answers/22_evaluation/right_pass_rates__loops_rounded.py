# right: plain loops, rounded to two places

def pass_rates(runs):
    once = always = marks = 0
    for q in range(len(runs[0])):
        got = 0
        for run in runs:
            if run[q]:
                got += 1
        marks += got
        once += got > 0
        always += got == len(runs)
    n = len(runs[0])
    return {"any": round(once / n, 2), "mean": round(marks / n / len(runs), 2), "all": round(always / n, 2)}
