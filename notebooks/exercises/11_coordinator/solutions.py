"""Solutions to the exercises of 11_coordinator."""

import re

from mas_helpers.agents import fact_check, normalize, revision_prompt, sentences


def rests_on(words, brief):
    entries = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in sentences(draft.text):
            if normalize(words) in normalize(sentence):
                named = dict.fromkeys(int(n) for n in re.findall(r"\[(\d{1,4})\]", sentence))
                documents = [brief.sources[n][1].document for n in named if n in brief.sources]
                entries += [(number, document) for document in documents or [""]]
    return entries


async def while_better(task, research, writer, checker, rounds):
    prompt, drafts, fewest = task, [], None
    while len(drafts) < rounds and prompt:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        count = sum(len(objections) for objections in drafts[-1].objections.values())
        if fewest is not None and count >= fewest:
            break
        prompt, fewest = revision_prompt(task, drafts[-1]), count
    return drafts
