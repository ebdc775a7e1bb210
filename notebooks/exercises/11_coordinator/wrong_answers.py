"""Tempting wrong answers to the exercises of 11_coordinator, and what is wrong with them."""

import re

from mas_helpers.agents import fact_check, normalize, revision_prompt, sentences


def rests_on(words, brief):
    """Every source gives an entry, so a sentence that has none gives nothing.

    The list is empty, and looks as if nobody had written these words: the journalist's worst case
    is the one that doesn't show.

    Ask back: what does your list say of a sentence without a source? And of words that no draft
    has?
    """
    entries = []
    for number, draft in enumerate(brief.drafts, 1):
        for sentence in sentences(draft.text):
            if normalize(words) in normalize(sentence):
                named = dict.fromkeys(int(n) for n in re.findall(r"\[(\d+)\]", sentence))
                there = [n for n in named if n in brief.sources]
                entries += [(number, brief.sources[n][1].document) for n in there]
    return entries


async def while_better(task, research, writer, checker, rounds):
    """It stops when a draft is worse.

    Two who get nowhere make the same number of objections each time, and so it goes on to the cap
    at your expense: the very case that it was written for.

    Ask back: which numbers do you see when writer and checker can't agree? On which of them do you
    stop?
    """
    prompt, drafts, before = task, [], None
    while len(drafts) < rounds and prompt:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        count = sum(len(objections) for objections in drafts[-1].objections.values())
        if before is not None and count > before:
            break
        prompt, before = revision_prompt(task, drafts[-1]), count
    return drafts
