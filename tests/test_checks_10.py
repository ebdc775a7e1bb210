"""The checks of 10_fact_checker reject the wrong answers that people give, in words."""

import asyncio
from dataclasses import replace

import pytest

from mas_helpers import fan_out
from mas_helpers.agents import Draft, FactCheck, fact_check, normalize, source_list


async def _merged(text, research, checkers, *, reasons=None, objections=None):
    drafts = await fan_out(
        {checker.name: fact_check(text, research, checker) for checker in checkers}
    )
    merged = {}
    for draft in drafts.values():
        merged |= draft.objections
    named = {name: draft.unchecked for name, draft in drafts.items() if draft.unchecked}
    reasons = reasons or (lambda named: "; ".join(f"{name}: {why}" for name, why in named.items()))
    return Draft(text, objections(merged) if objections else merged, reasons(named))


async def one_after_the_other(text, research, checkers):
    drafts = [await fact_check(text, research, checker) for checker in checkers]
    return await _merged(text, research, []) if not drafts else drafts[0]


async def waits_for_each(text, research, checkers):
    objections, missing = {}, []
    for checker in checkers:
        draft = await fact_check(text, research, checker)
        objections |= draft.objections
        missing += [f"{checker.name}: {draft.unchecked}"] if draft.unchecked else []
    return Draft(text, objections, "; ".join(missing))


async def the_last_failure_only(text, research, checkers):
    return await _merged(
        text, research, checkers, reasons=lambda named: "; ".join(list(named)[-1:])
    )


async def the_last_reason_only(text, research, checkers):
    def last(named):
        return "; ".join([f"{name}: {why}" for name, why in named.items()][-1:])

    return await _merged(text, research, checkers, reasons=last)


async def reasons_without_names(text, research, checkers):
    return await _merged(text, research, checkers, reasons=lambda named: "; ".join(named.values()))


async def silent_about_failures(text, research, checkers):
    return await _merged(text, research, checkers, reasons=lambda named: "")


async def says_all_is_well(text, research, checkers):
    return await _merged(
        text,
        research,
        checkers,
        reasons=lambda named: "; ".join(f"{n}: {w}" for n, w in named.items()) or "none",
    )


async def an_empty_list_for_who_failed(text, research, checkers):
    empty = {checker.name: [] for checker in checkers}
    return await _merged(
        text, research, checkers, objections=lambda made: {"code": made["code"]} | empty | made
    )


async def all_in_one_heap(text, research, checkers):
    return await _merged(
        text, research, checkers, objections=lambda made: {"all": sum(made.values(), [])}
    )


async def without_the_code(text, research, checkers):
    return await _merged(
        text,
        research,
        checkers,
        objections=lambda made: {n: found for n, found in made.items() if n != "code"},
    )


async def drops_who_agrees(text, research, checkers):
    return await _merged(
        text,
        research,
        checkers,
        objections=lambda made: {n: found for n, found in made.items() if found},
    )


async def drops_who_is_unchecked(text, research, checkers):
    drafts = await fan_out(
        {checker.name: fact_check(text, research, checker) for checker in checkers}
    )
    merged = {"code": next(iter(drafts.values())).objections["code"]}
    for name, draft in drafts.items():
        merged |= {} if draft.unchecked else {name: draft.objections[name]}
    return Draft(
        text,
        merged,
        "; ".join(
            f"{name}: {draft.unchecked}" for name, draft in drafts.items() if draft.unchecked
        ),
    )


async def returns_the_drafts(text, research, checkers):
    return await fan_out(
        {checker.name: fact_check(text, research, checker) for checker in checkers}
    )


def is_not_async(text, research, checkers):
    return Draft(text, {}, "")


async def in_the_order_of_arrival(text, research, checkers):
    objections = {}
    for one in asyncio.as_completed([fact_check(text, research, c) for c in checkers]):
        objections |= (await one).objections
    return Draft(text, objections, "")


async def without_the_sources(text, research, checkers):
    return await _merged(text, [replace(research[0], facts=[])], checkers)


async def asks_twice(text, research, checkers):
    await _merged(text, research, checkers)
    return await _merged(text, research, checkers)


async def the_first_two_only(text, research, checkers):
    return await _merged(text, research, checkers[:2])


async def names_with_the_last_reason(text, research, checkers):
    def all_names(named):
        return ", ".join(named) + ": " + list(named.values())[-1] if named else ""

    return await _merged(text, research, checkers, reasons=all_names)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (one_after_the_other, "All at once: fan_out"),
        (waits_for_each, "All at once: fan_out"),
        (the_last_failure_only, "Its name and its reason go into unchecked"),
        (the_last_reason_only, "none may get lost"),
        (reasons_without_names, "also where the reason alone does not name it"),
        (silent_about_failures, "ann named, with the reason"),
        (says_all_is_well, "so nothing is unchecked"),
        (an_empty_list_for_who_failed, "The verdict of the other one counts"),
        (all_in_one_heap, "code comes first, and once"),
        (without_the_code, "code comes first, and once"),
        (drops_who_agrees, "its name is there, with an empty list"),
        (drops_who_is_unchecked, "The objections that can be used are kept"),
        (returns_the_drafts, "Return Draft(text, objections, unchecked)"),
        (is_not_async, "Begin it with `async def`."),
        (in_the_order_of_arrival, "not in that in which they are done"),
        (without_the_sources, "the draft and its sources in each prompt"),
        (asks_twice, "Each checker is asked once"),
        (the_first_two_only, "In the order of the list"),
        (names_with_the_last_reason, "none may get lost"),
    ],
)
def test_wrong_merged_fact_checks(graded, answer, words):
    result = graded("10_fact_checker", "checked_by_all", answer)
    assert result.passed is False
    assert words in str(result)


def _overlap(words, one):
    words, one = normalize(words), normalize(one)
    return words in one or one in words


def _by_the_checker(draft, checker):
    return draft.objections.get(checker.name, [])


async def _at_once(planted, research, checker):
    jobs = {str(n): fact_check(text, research, checker) for n, (text, _) in enumerate(planted)}
    return list((await fan_out(jobs)).values())


async def _found_none(
    checker, planted, research, *, drafts=_at_once, objections=_by_the_checker, same=_overlap
):
    """The right answer, with one part of it replaced."""
    checked = await drafts(planted, research, checker)
    return [
        pair
        for pair, draft in zip(planted, checked, strict=False)
        if not any(same(pair[1], one.words) for one in objections(draft, checker))
    ]


async def counts_any_objection(checker, planted, research):
    return await _found_none(checker, planted, research, same=lambda words, one: True)


async def wants_the_same_words(checker, planted, research):
    return await _found_none(checker, planted, research, same=lambda words, one: words == one)


async def compares_as_typed(checker, planted, research):
    def same(words, one):
        return words in one or one in words

    return await _found_none(checker, planted, research, same=same)


async def looks_for_longer_objections_only(checker, planted, research):
    def same(words, one):
        return normalize(words) in normalize(one)

    return await _found_none(checker, planted, research, same=same)


async def takes_the_code_for_the_checker(checker, planted, research):
    def everybodys(draft, checker):
        return [one for made in draft.objections.values() for one in made]

    return await _found_none(checker, planted, research, objections=everybodys)


async def one_after_the_other(checker, planted, research):
    async def in_turn(planted, research, checker):
        return [await fact_check(text, research, checker) for text, _ in planted]

    return await _found_none(checker, planted, research, drafts=in_turn)


async def trusts_a_checker_that_failed(checker, planted, research):
    drafts = await _at_once(planted, research, checker)
    found_none = await _found_none(checker, planted, research, drafts=_given(drafts))
    unchecked = [pair for pair, one in zip(planted, drafts, strict=True) if one.unchecked]
    return [pair for pair in found_none if pair not in unchecked]


def _given(drafts):
    async def those(planted, research, checker):
        return drafts

    return those


async def drops_all_of_an_unchecked_draft(checker, planted, research):
    def if_checked(draft, checker):
        return [] if draft.unchecked else _by_the_checker(draft, checker)

    return await _found_none(checker, planted, research, objections=if_checked)


async def by_the_text(checker, planted, research):
    jobs = {text: fact_check(text, research, checker) for text, _ in dict(planted).items()}
    drafts = await fan_out(jobs)
    words = dict(planted)
    kept = await _found_none(checker, list(words.items()), research, drafts=_given(drafts.values()))
    return kept


async def returns_the_texts(checker, planted, research):
    return {text for text, _ in await _found_none(checker, planted, research)}


async def takes_what_is_not_there(checker, planted, research):
    async def raw(text):
        sources = source_list(research)
        return await checker.parse(f"Brief:\n{text}\n\n{sources}", FactCheck)

    checks = await asyncio.gather(*(raw(text) for text, _ in planted), return_exceptions=True)
    made = [getattr(check, "objections", []) for check in checks]
    return [
        pair
        for pair, objections in zip(planted, made, strict=True)
        if not any(_overlap(pair[1], one.words) for one in objections)
    ]


async def a_common_word_is_enough(checker, planted, research):
    def same(words, one):
        return bool(set(normalize(words).split()) & set(normalize(one).split()))

    return await _found_none(checker, planted, research, same=same)


async def as_they_come(checker, planted, research):
    async def one(pair):
        draft = await fact_check(pair[0], research, checker)
        made = draft.objections.get(checker.name, [])
        return None if any(_overlap(pair[1], each.words) for each in made) else pair

    done = [await each for each in asyncio.as_completed([one(pair) for pair in planted])]
    return [pair for pair in done if pair]


def is_not_async(checker, planted, research):
    return [one for one in planted if not checker]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (counts_any_objection, "It objects to other words"),
        (wants_the_same_words, "or the other way round"),
        (compares_as_typed, "normalize(…) on both"),
        (looks_for_longer_objections_only, "or the other way round"),
        (takes_the_code_for_the_checker, "what `code` objects to is under another name"),
        (one_after_the_other, "All at once: fan_out."),
        (trusts_a_checker_that_failed, "Without a verdict nothing was found"),
        (drops_all_of_an_unchecked_draft, "What it found counts"),
        (by_the_text, "Two mistakes in one text are two pairs"),
        (returns_the_texts, "a list of pairs"),
        (takes_what_is_not_there, "fact_check has dropped that objection"),
        (a_common_word_is_enough, "one of the two must hold the whole other"),
        (as_they_come, "not in that in which they are done"),
        (is_not_async, "async def"),
    ],
)
def test_wrong_answers_to_what_was_missed(graded, answer, words):
    result = graded("10_fact_checker", "missed", answer)
    assert result.passed is False
    assert words in str(result)


async def by_hand_in_a_loop(checker, planted, research):
    left = []
    for (text, words), draft in zip(
        planted, await _at_once(planted, research, checker), strict=True
    ):
        for objection in draft.objections.get(checker.name) or ():
            if _overlap(words, objection.words):
                break
        else:
            left.append((text, words))
    return left


@pytest.mark.parametrize("answer", [_found_none, by_hand_in_a_loop])
def test_right_answers_to_what_was_missed(graded, answer):
    assert graded("10_fact_checker", "missed", answer).passed
