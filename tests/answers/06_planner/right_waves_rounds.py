# right: rounds until all are done
def waves(plan):
    needs = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}
    done, found = set(), []
    while needs:
        wave = [n for n in needs if needs[n] <= done]
        if not wave:
            raise ValueError("a circle, or a number that is not there")
        found.append(wave)
        done |= set(wave)
        needs = {n: needed for n, needed in needs.items() if n not in done}
    return found
