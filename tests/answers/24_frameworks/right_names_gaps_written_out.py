# right: the seven cases written out, and a helper
CASES = [
    [],
    ["data"],
    ["summary"],
    ["code"],
    ["data", "summary"],
    ["data", "code"],
    ["summary", "code"],
]


class Worker:
    def __init__(self, name, broken):
        self.name, self.broken = name, broken

    async def __call__(self, task):
        if self.broken:
            raise RuntimeError(f"{self.name} is down")
        return f"text of {self.name}"


async def keeps(system, broken):
    workers = {name: Worker(name, name in broken) for name in ("data", "summary", "code")}
    try:
        answer = await system(workers)
    except Exception:
        return bool(broken)
    if not broken and "missing" in answer:
        return False
    for name in workers:
        wanted = f"missing: {name}" if name in broken else f"text of {name}"
        unwanted = "\0" if name in broken else f"missing: {name}"
        if wanted not in answer or unwanted in answer:
            return False
    return True


async def names_gaps(system):
    return all([await keeps(system, broken) for broken in CASES])
