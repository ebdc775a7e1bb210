"""Every check rejects the wrong answers that people give, in words, and an untouched blank is not a
wrong answer.
"""

import asyncio
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from mas_helpers import ReplyError, ReplyTruncated, check_setup, checks, text_of
from mas_helpers.course.exercises import Checks, Failed, expect
from mas_helpers.course.setup_check import START


async def no_wait():
    pass_the_time = None
    return pass_the_time


async def milliseconds():
    await asyncio.sleep(90_000)


async def blocks_the_program():
    time.sleep(90)


async def forgets_await():
    nap = asyncio.sleep(90)
    nap.close()


async def really_forgets_await():
    asyncio.sleep(90)


def not_async():
    return 90


async def raises():
    raise KeyError("oops")


async def names_a_tuples_part():
    return ("ferry.md", 2).document


async def looks_up_in_a_comprehension():
    return [{}[name] for name in "ab"]


async def counts_before_it_begins():
    seconds += 90  # noqa: F821  a learner's slip
    return seconds


async def blocks_and_calls():
    return text_of(asyncio.sleep)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (no_wait, "expected: 90.0"),
        (milliseconds, "yours:    90000.0"),
        (blocks_the_program, "time.sleep(90)"),
        (forgets_await, "yours:    0.0"),
        (really_forgets_await, "A call was never awaited"),
        (not_async, "Begin it with `async def`."),
        (raises, "KeyError: 'oops'"),
        (raises, "Nothing is kept under 'oops': ask with `in` first"),
        (names_a_tuples_part, "There's a tuple there: take out what you need first."),
        (looks_up_in_a_comprehension, "It happened in looks_up_in_a_comprehension, line "),
        (counts_before_it_begins, ". Call it by hand in a cell of its own, and look."),
        (90, "expected: a function"),
        (blocks_and_calls, "It happened in blocks_and_calls, line"),
    ],
)
def test_wrong_naps(graded, answer, words):
    result = graded("00_start_here", "nap", answer)
    assert result.passed is False
    assert words in str(result)


async def both_at_once(ask, first, second):
    replies = await asyncio.gather(ask(first), ask(second))
    return [text_of(reply) for reply in replies]


async def messages_for_texts(ask, first, second):
    return [await ask(first), await ask(second)]


async def never_awaited(ask, first, second):
    return [ask(first), ask(second)]


async def the_other_order(ask, first, second):
    answer = text_of(await ask(second))
    return [answer, text_of(await ask(first))]


async def only_one(ask, first, second):
    return [text_of(await ask(first))]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (both_at_once, "what happened, in order"),
        (messages_for_texts, "text_of(reply) of each"),
        (never_awaited, "does nothing until awaited"),
        (the_other_order, "The first question comes first."),
        (only_one, "Does `return` come too early?"),
    ],
)
def test_wrong_twices(graded, answer, words):
    result = graded("00_start_here", "twice", answer)
    assert result.passed is False
    assert words in str(result)


async def returns_the_cut_text(agent, prompt):
    try:
        return text_of(await replace(agent, max_tokens=200).reply(prompt))
    except ReplyTruncated as error:
        return text_of(error.reply)


async def looks_at_the_stop_reason(agent, prompt):
    reply = await agent.reply(prompt, max_tokens=200)
    if reply.stop_reason == "max_tokens":
        reply = await agent.reply(prompt, max_tokens=4000)
    return text_of(reply)


async def tries_everything_again(agent, prompt):
    try:
        reply = await replace(agent, max_tokens=200).reply(prompt)
    except ReplyError:
        reply = await replace(agent, max_tokens=4000).reply(prompt)
    return text_of(reply)


async def loops(agent, prompt):
    room = 200
    while True:
        try:
            return text_of(await replace(agent, max_tokens=room).reply(prompt))
        except ReplyTruncated:
            room = 4000


async def starts_large(agent, prompt):
    return await agent.run(prompt)


async def gives_none(agent, prompt):
    try:
        return await tries_everything_again(agent, prompt)
    except ReplyError:
        return None


async def never_awaits_the_reply(agent, prompt):
    return text_of(replace(agent, max_tokens=200).reply(prompt))


async def changes_a_frozen_agent(agent, prompt):
    agent.max_tokens = 200
    return await agent.run(prompt)


async def returns_the_message(agent, prompt):
    return await replace(agent, max_tokens=200).reply(prompt)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (returns_the_cut_text, "a cut first reply: the limits asked for"),
        (looks_at_the_stop_reason, "`reply` raises ReplyTruncated"),
        (tries_everything_again, "Catch ReplyTruncated alone"),
        (loops, "Two calls at most"),
        (starts_large, "yours:    [1000]"),
        (gives_none, "cut, then ReplyTruncated: what came out"),
        (returns_the_message, "The text of the reply"),
        (never_awaits_the_reply, "never awaited"),
        (changes_a_frozen_agent, "FrozenInstanceError"),
        (lambda agent, prompt: "x", "Begin it with `async def`."),
    ],
)
def test_wrong_second_tries(graded, answer, words):
    result = graded("01_agent", "ask_again_if_cut", answer)
    assert result.passed is False
    assert words in str(result)


class AnyFlavour(BaseModel):
    flavour: str
    slices: int = Field(ge=1, le=48)
    writing: str | None = None


class AnySize(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int
    writing: str | None = None


class HalfSlices(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: float = Field(ge=1, le=48)
    writing: str | None = None


class WritingNeeded(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None


class EmptyWriting(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str = ""


class TooStrict(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(gt=1, lt=48)
    writing: str | None = None


class OffByOne(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=0, le=48)
    writing: str | None = None


class NoNull(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str = None


class Misspelt(BaseModel):
    flavor: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None


class DefaultFlavour(BaseModel):
    flavour: Literal["lemon", "nut", "plum"] = "lemon"
    slices: int = Field(ge=1, le=48)
    writing: str | None = None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (AnyFlavour, "A Literal allows only what it lists."),
        (AnySize, "Field(ge=1, …)"),
        (HalfSlices, "2.5"),
        (WritingNeeded, "writing: str | None = None"),
        (EmptyWriting, "`str | None = None` does."),
        (TooStrict, "`gt` and `lt` leave the ends out"),
        (OffByOne, '"slices": 0'),
        (DefaultFlavour, "no default there"),
        (NoNull, "allows no null"),
        (Misspelt, "Spell the three names as the task does."),
        (dict, "class CakeOrder(BaseModel)"),
        ({"flavour": "nut"}, "class CakeOrder(BaseModel)"),
    ],
)
def test_wrong_cake_orders(graded, answer, words):
    result = graded("01_agent", "CakeOrder", answer)
    assert result.passed is False
    assert words in str(result)


async def asks_all(agents, prompt):
    answers = [await agent.run(prompt) for agent in agents]
    return answers[0]


async def swallows_everything(agents, prompt):
    for agent in agents[:-1]:
        try:
            return await agent.run(prompt)
        except Exception:
            continue
    return await agents[-1].run(prompt)


async def ends_in_none(agents, prompt):
    for agent in agents:
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue


async def largest_first(agents, prompt):
    for agent in reversed(agents):
        try:
            return await agent.run(prompt)
        except ReplyError:
            continue


async def only_the_first(agents, prompt):
    return await agents[0].run(prompt)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (asks_all, "the first has an answer: who was asked"),
        (swallows_everything, "Exception, or APIError, catches too much."),
        (ends_in_none, "None or '' would pass for an answer"),
        (largest_first, "the first has an answer: who was asked"),
        (only_the_first, "ReplyTruncated: who was asked"),
    ],
)
def test_wrong_cascades(graded, answer, words):
    result = graded("01_agent", "cheapest_answer", answer)
    assert result.passed is False
    assert words in str(result)


NAMES = [
    ("00_start_here", "nap"), ("00_start_here", "twice"),
    ("01_agent", "ask_again_if_cut"), ("01_agent", "CakeOrder"), ("01_agent", "cheapest_answer"),
]  # fmt: skip


async def only_dots(*arguments): ...


async def only_a_docstring(*arguments):
    """To do."""


async def only_pass(*arguments):
    pass


@pytest.mark.parametrize(("lesson", "name"), NAMES)
@pytest.mark.parametrize("blank", [None, ..., only_dots, only_a_docstring, only_pass])
def test_a_blank_is_not_tried_yet(graded, lesson, name, blank):
    result = graded(lesson, name, blank)
    assert (result.passed, str(result)) == (None, f"{name}: not tried yet")


def test_a_result_shows_yours_beside_expected_and_escapes_it():
    def check_sum(answer):
        expect("the <b>sum</b>", answer, 4, "Count again.")

    result = Checks(SimpleNamespace(check_sum=check_sum)).sum(5)
    assert str(result).splitlines() == [
        "sum: ✗ the <b>sum</b>",
        "  yours:    5",
        "  expected: 4",
        "  hint:     Count again.",
    ]
    assert "&lt;b&gt;sum" in result._repr_mimebundle_()["text/html"]


def test_a_call_handed_over_in_place_of_its_function_is_named(graded):
    result = graded("00_start_here", "nap", milliseconds())
    assert "yours:    'milliseconds(…)'" in str(result) or "milliseconds(…)" in str(result)
    assert "no brackets behind it" in str(result)


def test_expect_is_quiet_where_both_are_equal():
    assert expect("x", 1, 1) is None
    with pytest.raises(Failed):
        expect("x", 1, 2)


def test_an_unknown_check_names_those_there_are(home, monkeypatch):
    monkeypatch.chdir(home / "notebooks")
    with pytest.raises(AttributeError, match="There are: nap, twice"):
        _ = checks("00_start_here").nope


def test_a_lesson_without_checks_names_the_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="No checks for '77_none'"):
        checks("77_none")


def test_the_setup_check_says_ready_or_what_to_mend(home, monkeypatch, tmp_path):
    monkeypatch.chdir(home / "notebooks")
    assert (
        repr(check_setup())
        == "Ready. Mode: replay. No key is needed, and nothing leaves this computer."
    )
    monkeypatch.setenv("MAS_MODE", "live")
    assert "No ANTHROPIC_API_KEY is set." in check_setup()
    monkeypatch.setenv("MAS_MODE", "typo")
    assert "MAS_MODE=typo is not a mode" in check_setup()
    monkeypatch.delenv("MAS_MODE")
    monkeypatch.chdir(tmp_path)
    assert f"start JupyterLab with {START}" in check_setup()


def test_the_setup_check_names_a_package_that_is_too_old(home, monkeypatch):
    monkeypatch.chdir(home / "notebooks")
    real = checks.__globals__["importlib"].metadata.version
    old = {"anthropic": "0.39.0"}
    monkeypatch.setattr("importlib.metadata.version", lambda name: old.get(name) or real(name))
    assert f"- anthropic is 0.39.0; the course needs <3,>=2.10. Run: {START} setup" in check_setup()
