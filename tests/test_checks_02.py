"""The checks of 02_router reject the wrong answers that people give, in words."""

from collections import Counter
from typing import Literal

import pytest
from pydantic import BaseModel, field_validator

from mas_helpers import ReplyError, ReplyMalformed

OLD = Literal["billing", "booking", "repair", "other"]


class AnyWord(BaseModel):
    category: str


class OtherIsGone(BaseModel):
    category: Literal["billing", "booking", "repair", "lost_property"]


class WithASpace(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost property"]


class NotWidened(BaseModel):
    category: OLD


class DefaultOther(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost_property"] = "other"


class AnotherName(BaseModel):
    topic: Literal["billing", "booking", "repair", "other", "lost_property"]


class SecondField(BaseModel):
    category: OLD
    lost_property: bool


class Validated(BaseModel):
    category: str

    @field_validator("category")
    @classmethod
    def known(cls, word):
        if word not in ("billing", "booking", "repair", "other", "lost_property"):
            raise ValueError("not in the list")
        return word


class OneMore(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost_property", "weather"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (AnyWord, "A Literal allows only the words it lists."),
        (OtherIsGone, "the router says 'other': who answers"),
        (WithASpace, "the router says 'lost_property': who answers"),
        (NotWidened, "the router says 'lost_property': who answers"),
        (DefaultOther, "The category has no default."),
        (AnotherName, "yours:    ['topic']"),
        (SecondField, "it needs no other field"),
        (Validated, "the words that the API is told"),
        (OneMore, "the router says 'weather': who answers"),
        (Literal["billing", "lost_property"], "class WiderTopic(BaseModel)"),
        (["billing", "lost_property"], "class WiderTopic(BaseModel)"),
    ],
)
def test_wrong_wider_topics(graded, answer, words):
    result = graded("02_router", "WiderTopic", answer)
    assert result.passed is False
    assert words in str(result)


async def asks_once(request, router, kind):
    return (await router.parse(request, kind)).category


class Topic(BaseModel):
    category: Literal["billing", "booking", "repair", "other"]


async def forgets_the_kind(request, router, kind):
    return await asks_once(request, router, Topic)


async def asks_after_every_reply_error(request, router, kind):
    try:
        return (await router.parse(request, kind)).category
    except ReplyError:
        return (await router.parse(request, kind)).category


async def asks_after_every_error(request, router, kind):
    try:
        return (await router.parse(request, kind)).category
    except (ReplyMalformed, OSError):
        return (await router.parse(request, kind)).category
    except ReplyError:
        raise
    except Exception:
        return (await router.parse(request, kind)).category


async def loops(request, router, kind):
    while True:
        try:
            return (await router.parse(request, kind)).category
        except ReplyMalformed:
            continue


async def says_other_in_the_end(request, router, kind):
    for _ in range(2):
        try:
            return (await router.parse(request, kind)).category
        except ReplyMalformed:
            continue
    return "other"


async def ends_in_none(request, router, kind):
    for _ in range(2):
        try:
            return (await router.parse(request, kind)).category
        except ReplyMalformed:
            pass


async def gives_the_object(request, router, kind):
    try:
        return await router.parse(request, kind)
    except ReplyMalformed:
        return await router.parse(request, kind)


async def always_asks_twice(request, router, kind):
    await router.parse(request, kind)
    return (await router.parse(request, kind)).category


async def keeps_the_first_error(request, router, kind):
    try:
        return (await router.parse(request, kind)).category
    except ReplyMalformed as first:
        try:
            return (await router.parse(request, kind)).category
        except ReplyError:
            raise first from None


def not_async(request, router, kind):
    return router.parse(request, kind)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (asks_once, "then coffee: calls"),
        (forgets_the_kind, "what came back"),
        (asks_after_every_reply_error, "Catch ReplyMalformed alone, not every ReplyError."),
        (asks_after_every_error, "not Exception or an APIError."),
        (loops, "Two calls at most: no loop."),
        (says_other_in_the_end, "then no JSON: what came out"),
        (ends_in_none, "None, '' or 'other' would pass"),
        (gives_the_object, "The word alone: `.category`"),
        (always_asks_twice, "a first reply that can be read: calls"),
        (keeps_the_first_error, "Let the second error propagate, whatever it is."),
        (not_async, "The word alone: `.category`"),
        (lambda request, router, output_type: "tea", "Begin it with `async def`."),
    ],
)
def test_wrong_second_questions(graded, answer, words):
    result = graded("02_router", "category_of", answer)
    assert result.passed is False
    assert words in str(result)


def place(label, said, specialists):
    if said == label:
        return "right"
    return "wrong specialist" if said in specialists else "desk"


def forgets_the_zeros(pairs, specialists):
    return dict(Counter(place(label, said, specialists) for label, said in pairs))


def counts_each_pair_once(pairs, specialists):
    places = [place(label, said, specialists) for label, said in set(pairs)]
    return {name: places.count(name) for name in ("right", "desk", "wrong specialist")}


def looks_for_specialists_first(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        counts[
            "desk" if said not in specialists else "right" if said == label else "wrong specialist"
        ] += 1
    return counts


def knows_only_other(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        counts["right" if said == label else "desk" if said == "other" else "wrong specialist"] += 1
    return counts


def looks_the_label_up(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, said in pairs:
        counts[
            "right" if said == label else "desk" if label not in specialists else "wrong specialist"
        ] += 1
    return counts


def knows_the_three_by_heart(pairs, specialists):
    return landed_with(pairs, ["billing", "booking", "repair"])


def landed_with(pairs, names):
    places = [place(label, said, names) for label, said in pairs]
    return {name: places.count(name) for name in ("right", "desk", "wrong specialist")}


def gives_a_tuple(pairs, specialists):
    return tuple(landed_with(pairs, specialists).values())


async def awaits_nothing(pairs, specialists):
    return landed_with(pairs, specialists)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (forgets_the_zeros, "{'right': 1}"),
        (counts_each_pair_once, "Pairs may repeat"),
        (looks_for_specialists_first, "Compare with the label first."),
        (knows_only_other, "There's no specialist for 'failed'"),
        (looks_the_label_up, "There's no specialist for 'other'"),
        (knows_the_three_by_heart, "it may be another dictionary"),
        (gives_a_tuple, "yours:    (1, 0, 0)"),
        (awaits_nothing, "Begin it with `def`"),
        (("billing", "repair"), "expected: a function"),
    ],
)
def test_wrong_counts(graded, answer, words):
    result = graded("02_router", "landed", answer)
    assert result.passed is False
    assert words in str(result)


def test_a_counter_with_all_three_keys_passes(graded):
    def with_a_counter(pairs, specialists):
        counts = Counter({"right": 0, "desk": 0, "wrong specialist": 0})
        counts.update(place(label, said, specialists) for label, said in pairs)
        return counts

    assert graded("02_router", "landed", with_a_counter).passed
