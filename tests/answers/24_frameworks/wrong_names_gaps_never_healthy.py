# wrong: nobody tries it without a failure
NAMES = ["data", "summary", "code"]


async def names_gaps(system):
    for lost in NAMES:

        def make(name, lost=lost):
            async def work(task):
                if name == lost:
                    raise RuntimeError("down")
                return name * 3

            return work

        try:
            answer = await system({name: make(name) for name in NAMES})
        except Exception:
            continue
        if f"missing: {lost}" not in answer:
            return False
    return True
