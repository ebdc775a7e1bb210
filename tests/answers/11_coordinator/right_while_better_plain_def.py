# right: a plain function that hands a coroutine on
async def revise(task, research, writer, checker, rounds):
    drafts, prompt = [], task
    while prompt and len(drafts) < rounds:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        counts = [sum(map(len, draft.objections.values())) for draft in drafts]
        if len(counts) > 1 and counts[-2] <= counts[-1]:
            break
        prompt = revision_prompt(task, drafts[-1])
    return drafts


def while_better(*work):
    return revise(*work)
