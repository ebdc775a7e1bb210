# right: which ones fail as bits of a number
async def names_gaps(system):
    names = ("data", "summary", "code")
    for mask in range(7):
        lost = {name for place, name in enumerate(names) if mask & 1 << place}

        def make(name, lost=lost):
            async def work(task):
                if name in lost:
                    raise RuntimeError("no")
                return f"[{name}]"

            return work

        try:
            answer = await system({name: make(name) for name in names})
        except Exception:
            if lost:
                continue
            return False
        if any((f"[{name}]" in answer) == (name in lost) for name in names):
            return False
        if any((f"missing: {name}" in answer) != (name in lost) for name in names):
            return False
    return True
