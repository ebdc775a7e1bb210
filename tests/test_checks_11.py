"""The checks of 11_coordinator reject the wrong answers that people give, in words."""

import re

import pytest

from mas_helpers.agents import fact_check, normalize, revision_prompt, sentences


def _said(
    words,
    brief,
    *,
    drafts=None,
    fold=normalize,
    once=True,
    first=False,
    empty=True,
    key="document",
    start=1,
    whole=False,
):
    """The right answer, with one part of it replaced."""
    said = []
    for number, draft in enumerate(drafts or brief.drafts, start):
        for sentence in [draft.text] if whole else sentences(draft.text):
            if fold(words) in fold(sentence):
                named = [int(n) for n in re.findall(r"\[(\d{1,4})\]", sentence)]
                named = list(dict.fromkeys(named)) if once else named
                found = [getattr(brief.sources[n][1], key) for n in named if n in brief.sources]
                found = found[:1] if first else found
                said += [(number, one) for one in found or ([""] if empty else [])]
    return said


def looks_at_the_last_draft(words, brief):
    return _said(words, brief, drafts=brief.drafts[-1:], start=len(brief.drafts))


def compares_as_typed(words, brief):
    return _said(words, brief, fold=str)


def knows_the_first_source_only(words, brief):
    return _said(words, brief, first=True)


def repeats_a_number(words, brief):
    return _said(words, brief, once=False)


def forgets_the_unsourced(words, brief):
    return _said(words, brief, empty=False)


def counts_drafts_from_0(words, brief):
    return _said(words, brief, start=0)


def takes_all_of_the_draft(words, brief):
    return _said(words, brief, whole=True)


def gives_the_claim(words, brief):
    return _said(words, brief, key="claim")


def numbers_within_the_first_topic(words, brief):
    facts = brief.research[0].facts
    numbers = [int(n) for n in re.findall(r"\[(\d+)\]", brief.text)]
    return [
        (1, facts[n - 1].document if n <= len(facts) else "")
        for n in numbers
        if normalize(words) in brief.text
    ]


def trusts_every_number(words, brief):
    return [
        (number, brief.sources[int(n)][1].document)
        for number, draft in enumerate(brief.drafts, 1)
        for sentence in sentences(draft.text)
        if normalize(words) in normalize(sentence)
        for n in dict.fromkeys(re.findall(r"\[(\d+)\]", sentence)) or [""]
        if n
    ] or _said(words, brief)


def prints_them(words, brief):
    for pair in _said(words, brief):
        print(*pair)


def returns_a_dict(words, brief):
    return dict(_said(words, brief))


def searches_the_facts(words, brief):
    facts = [fact for _, fact in brief.sources.values()]
    return [(1, fact.document) for fact in facts if normalize(words) in normalize(fact.words)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (looks_at_the_last_draft, "Go through brief.drafts, not brief.text alone"),
        (compares_as_typed, "normalize(…) on both"),
        (knows_the_first_source_only, "Each number that the sentence cites"),
        (repeats_a_number, "once, in the order of the sentence"),
        (forgets_the_unsourced, "A sentence without a source has an entry too"),
        (counts_drafts_from_0, "Drafts count from 1"),
        (prints_them, "return a list"),
        (returns_a_dict, "Return a list of pairs"),
        (searches_the_facts, "not in the facts"),
        (takes_all_of_the_draft, "Only the sentences that have the words in them."),
        (gives_the_claim, "the fact has the document"),
        (numbers_within_the_first_topic, "Numbers go through all topics"),
        (trusts_every_number, "KeyError"),
    ],
)
def test_wrong_answers_to_what_it_rests_on(graded, answer, words):
    result = graded("11_coordinator", "rests_on", answer)
    assert result.passed is False
    assert words in str(result)


def _count(draft):
    return sum(len(made) for made in draft.objections.values())


async def _loop(
    task, research, writer, checker, rounds, *, stop, count=_count, mend=None, give=list
):
    prompt, drafts = task, []
    while len(drafts) < rounds and prompt:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        counts = [count(draft) for draft in drafts]
        if len(counts) > 1 and stop(counts):
            break
        prompt = (mend or revision_prompt)(task, drafts[-1])
    return give(drafts)


async def never_stops_early(*work):
    return await _loop(*work, stop=lambda counts: False)


async def lets_as_many_pass(*work):
    return await _loop(*work, stop=lambda counts: counts[-1] > counts[-2])


async def compares_with_the_first(*work):
    return await _loop(*work, stop=lambda counts: counts[-1] >= counts[0])


async def stops_when_better(*work):
    return await _loop(*work, stop=lambda counts: counts[-1] < counts[-2])


async def counts_the_checker_only(*work):
    return await _loop(
        *work,
        stop=lambda counts: counts[-1] >= counts[-2],
        count=lambda d: len(d.objections["fact-checker"]),
    )


async def counts_the_names(*work):
    return await _loop(
        *work, stop=lambda counts: counts[-1] >= counts[-2], count=lambda d: len(d.objections)
    )


async def keeps_the_last_draft(*work):
    return await _loop(
        *work, stop=lambda counts: counts[-1] >= counts[-2], give=lambda drafts: drafts[-1]
    )


async def leaves_out_the_worse_draft(*work):
    def better(drafts):
        return (
            drafts[:-1] if len(drafts) > 1 and _count(drafts[-1]) >= _count(drafts[-2]) else drafts
        )

    return await _loop(*work, stop=lambda counts: counts[-1] >= counts[-2], give=better)


async def sends_the_task_again(*work):
    return await _loop(
        *work,
        stop=lambda counts: counts[-1] >= counts[-2],
        mend=lambda task, d: task if revision_prompt(task, d) else "",
    )


async def mends_the_first_draft(task, research, writer, checker, rounds):
    first = []

    def mend(task, draft):
        first.append(draft)
        return revision_prompt(task, first[0]) if revision_prompt(task, draft) else ""

    return await _loop(
        task, research, writer, checker, rounds, stop=lambda c: c[-1] >= c[-2], mend=mend
    )


async def knows_no_cap(task, research, writer, checker, rounds):
    return await _loop(
        task, research, writer, checker, 9, stop=lambda counts: counts[-1] >= counts[-2]
    )


async def piles_the_prompts_up(task, research, writer, checker, rounds):
    prompt, drafts = task, []
    while len(drafts) < rounds and prompt:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        if len(drafts) > 1 and _count(drafts[-1]) >= _count(drafts[-2]):
            break
        mended = revision_prompt(task, drafts[-1])
        prompt = f"{prompt}\n\n{mended}" if mended else ""
    return drafts


async def mends_the_last_prompt(task, research, writer, checker, rounds):
    prompt, drafts = task, []
    while len(drafts) < rounds and prompt:
        drafts.append(await fact_check(await writer.run(prompt), research, checker))
        if len(drafts) > 1 and _count(drafts[-1]) >= _count(drafts[-2]):
            break
        prompt = revision_prompt(prompt, drafts[-1])
    return drafts


async def stops_at_an_unchecked_draft(*work):
    return await _loop(
        *work,
        stop=lambda counts: counts[-1] >= counts[-2],
        mend=lambda task, draft: "" if draft.unchecked else revision_prompt(task, draft),
    )


async def raises_for_an_unchecked_draft(*work):
    def counted(draft):
        if draft.unchecked:
            raise RuntimeError(draft.unchecked)
        return _count(draft)

    return await _loop(*work, stop=lambda counts: counts[-1] >= counts[-2], count=counted)


async def leaves_out_an_unchecked_draft(*work):
    return await _loop(
        *work,
        stop=lambda counts: counts[-1] >= counts[-2],
        give=lambda drafts: [draft for draft in drafts if not draft.unchecked],
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (never_stops_early, "As many is no fewer"),
        (lets_as_many_pass, "As many is no fewer"),
        (compares_with_the_first, "Compare with the draft just before"),
        (stops_when_better, "Fewer each time: go on."),
        (counts_the_checker_only, "the code's too"),
        (counts_the_names, "Fewer each time: go on."),
        (keeps_the_last_draft, "Return the list of all drafts"),
        (leaves_out_the_worse_draft, "Return the list of all drafts"),
        (sends_the_task_again, "each later one revision_prompt(task, the last draft)"),
        (mends_the_first_draft, "each later one revision_prompt(task, the last draft)"),
        (knows_no_cap, "At most `rounds` drafts"),
        (piles_the_prompts_up, "each later one revision_prompt(task, the last draft)"),
        (mends_the_last_prompt, "each later one revision_prompt(task, the last draft)"),
        (stops_at_an_unchecked_draft, "counts with the objections that it has"),
        (raises_for_an_unchecked_draft, "RuntimeError"),
        (leaves_out_an_unchecked_draft, "Return the list of all drafts"),
        (lambda *work: [] if work else None, "Begin it with `async def`."),
    ],
)
def test_wrong_loops(graded, answer, words):
    result = graded("11_coordinator", "while_better", answer)
    assert result.passed is False
    assert words in str(result)
