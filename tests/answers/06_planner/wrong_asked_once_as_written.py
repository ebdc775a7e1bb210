# wrong: compares the tasks letter by letter
def asked_once(plan):
    first, moved = {}, {}
    for n, s in enumerate(plan.subtasks, 1):
        first.setdefault((s.kind, s.task), s)
        moved[n] = list(first).index((s.kind, s.task)) + 1
    return Plan(
        subtasks=[
            s.model_copy(update={"needs": sorted({moved[m] for m in s.needs})})
            for s in first.values()
        ]
    )
