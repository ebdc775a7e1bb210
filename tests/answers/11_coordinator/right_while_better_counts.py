# right: keeps a list of all counts
async def while_better(task, research, writer, checker, rounds):
    drafts, counts, prompt = [], [], task
    while prompt and len(drafts) < rounds:
        draft = await fact_check(await writer.run(prompt), research, checker)
        drafts.append(draft)
        counts.append(len([one for made in draft.objections.values() for one in made]))
        if counts[-2:-1] and counts[-1] >= counts[-2]:
            return drafts
        prompt = revision_prompt(task, draft)
    return drafts
