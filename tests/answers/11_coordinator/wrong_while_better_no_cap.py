# wrong: knows no cap
async def while_better(task, research, writer, checker, rounds):
    prompt, drafts, before = task, [], None
    while prompt:
        text = await writer.run(prompt)
        drafts.append(await fact_check(text, research, checker))
        count = sum(len(made) for made in drafts[-1].objections.values())
        if before is not None and count >= before:
            break
        before, prompt = count, revision_prompt(task, drafts[-1])
    return drafts
