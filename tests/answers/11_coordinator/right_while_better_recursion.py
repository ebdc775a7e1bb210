# right: each round calls the next
async def while_better(task, research, writer, checker, rounds):
    async def go_on(prompt, drafts, fewest):
        if not prompt or len(drafts) == rounds:
            return drafts
        draft = await fact_check(await writer.run(prompt), research, checker)
        count = sum(len(made) for made in draft.objections.values())
        if count >= fewest:
            return [*drafts, draft]
        return await go_on(revision_prompt(task, draft), [*drafts, draft], count)

    return await go_on(task, [], float("inf"))
