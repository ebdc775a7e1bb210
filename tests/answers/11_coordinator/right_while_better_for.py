# right: a for loop over the rounds
def count(draft):
    return sum(map(len, draft.objections.values()))


async def while_better(task, research, writer, checker, rounds):
    drafts = []
    for _ in range(rounds):
        prompt = revision_prompt(task, drafts[-1]) if drafts else task
        if not prompt:
            break
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        if len(drafts) > 1 and count(drafts[-1]) >= count(drafts[-2]):
            break
    return drafts
