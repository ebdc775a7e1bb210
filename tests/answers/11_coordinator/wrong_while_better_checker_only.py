# wrong: leaves the objections of the code out
async def while_better(task, research, writer, checker, rounds):
    prompt, drafts, before = task, [], None
    while prompt and len(drafts) < rounds:
        text = await writer.run(prompt)
        drafts.append(await fact_check(text, research, checker))
        count = len(drafts[-1].objections.get(checker.name, []))
        if before is not None and count >= before:
            break
        before, prompt = count, revision_prompt(task, drafts[-1])
    return drafts
