# right: uses write_and_check for each single round
async def while_better(task, research, writer, checker, rounds):
    drafts, prompt, fewest = [], task, float("inf")
    while prompt and len(drafts) < rounds:
        drafts += await write_and_check(prompt, research, writer, checker, 1)
        count = sum(len(made) for made in drafts[-1].objections.values())
        prompt = revision_prompt(task, drafts[-1]) if count < fewest else ""
        fewest = count
    return drafts
