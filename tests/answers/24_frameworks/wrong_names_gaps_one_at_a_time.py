# wrong: never two at once
NAMES = ["data", "summary", "code"]


async def names_gaps(system):
    for lost in [None, *NAMES]:

        def make(name, lost=lost):
            async def work(task):
                if name == lost:
                    raise RuntimeError("down")
                return f"<{name}>"

            return work

        try:
            answer = await system({name: make(name) for name in NAMES})
        except Exception:
            if lost is None:
                return False
            continue
        for name in NAMES:
            if (f"missing: {name}" in answer) != (name == lost):
                return False
            if (f"<{name}>" in answer) == (name == lost):
                return False
    return True
