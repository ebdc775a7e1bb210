"""The checks of 04_pipeline reject the wrong answers that people give, in words."""

import asyncio
import re

import pytest

from mas_helpers import ReplyError, run_pipeline
from mas_helpers.agents import PipelineStopped, stage_prompt


def any_line(stage, text):
    return "" if re.search(r"\bline \d+", text.lower()) else "no line"


def one_case_only(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text)]
    return "" if any(1 <= number <= 11 for number in named) else "no line"


def no_edge(stage, text):
    named = [int(number) for number in re.findall(r"line (\d+)", text.lower())]
    return "" if any(1 <= number <= 11 for number in named) else "no line"


def the_word_is_enough(stage, text):
    return "" if "line" in text.lower() else "no line"


def a_number_is_enough(stage, text):
    return "" if any(1 <= int(number) <= 11 for number in re.findall(r"\d+", text)) else "no line"


def part_of_a_number(stage, text):
    return "" if any(f"line {number}" in text.lower() for number in range(1, 12)) else "no line"


def only_the_first_match(stage, text):
    match = re.search(r"\bline (\d+)", text.lower())
    return "" if match and 1 <= int(match[1]) <= 11 else "no line"


def every_line_must_be_there(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text.lower())]
    return "" if named and all(1 <= number <= 11 for number in named) else "no line"


def from_zero(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text.lower())]
    return "" if any(number <= 11 for number in named) else "no line"


def says_true(stage, text):
    return any_line(stage, text) == ""


def returns_nothing(stage, text):
    any_line(stage, text)


def upside_down(stage, text):
    return "no line" if any_line(stage, text) == "" else ""


def only_for_bugs(stage, text):
    named = [int(number) for number in re.findall(r"\bline (\d+)", text.lower())]
    return "" if stage != "bugs" or any(1 <= number <= 11 for number in named) else "no line"


async def asynchronous(stage, text):
    return any_line(stage, text)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (any_line, "The code has 11 lines."),
        (one_case_only, "Capitals don't matter"),
        (no_edge, "keeps other words out"),
        (the_word_is_enough, "right behind `line`"),
        (a_number_is_enough, "A number alone is no line"),
        (part_of_a_number, "Compare the number as an int"),
        (only_the_first_match, "Line 40 and line 8"),
        (every_line_must_be_there, "Line 40 and line 8"),
        (from_zero, "The first line is line 1."),
        (says_true, "A gate returns None to go on."),
        (returns_nothing, "None, which means: go on"),
        (upside_down, "return None, to go on"),
        (only_for_bugs, "whatever its name"),
        (asynchronous, "Begin it with `def`"),
    ],
)
def test_wrong_gates(graded, answer, words):
    result = graded("04_pipeline", "names_a_line", answer)
    assert result.passed is False
    assert words in str(result)


async def remembers_all(task, stages):
    return await run_pipeline(task, stages, lambda stage, text: "")


async def forgets_the_task(task, stages):
    done, prompt = {}, task
    for stage in stages:
        done[stage.name] = prompt = await stage.run(prompt)
    return done


async def lets_the_reply_error_out(task, stages):
    done, before = {}, {}
    for stage in stages:
        done[stage.name] = await stage.run(stage_prompt(task, before))
        before = {stage.name: done[stage.name]}
    return done


async def keeps_one(task, stages):
    done, before = {}, {}
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, before))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), before) from error
        done[stage.name] = text
        before = {stage.name: text}
    return done


async def returns_one(task, stages):
    before = {}
    for stage in stages:
        before = {stage.name: await stage.run(stage_prompt(task, before))}
    return before


async def goes_on_without(task, stages):
    done, before = {}, {}
    for stage in stages:
        try:
            done[stage.name] = await stage.run(stage_prompt(task, before))
        except ReplyError:
            done[stage.name] = ""
        before = {stage.name: done[stage.name]}
    return done


async def remembers_the_first(task, stages):
    done = {}
    for stage in stages:
        done[stage.name] = await stage.run(stage_prompt(task, dict(list(done.items())[:1])))
    return done


async def catches_everything(task, stages):
    done, before = {}, {}
    for stage in stages:
        try:
            text = await stage.run(stage_prompt(task, before))
        except Exception as error:
            raise PipelineStopped(stage.name, str(error), done) from error
        done[stage.name] = text
        before = {stage.name: text}
    return done


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (remembers_all, "what stage 3 read"),
        (forgets_the_task, "what stage 2 read"),
        (lets_the_reply_error_out, "the reply of stage a is cut: what is raised"),
        (keeps_one, "you keep all of them"),
        (returns_one, "All texts under their stages' names"),
        (goes_on_without, "no error, and it returned"),
        (remembers_the_first, "what stage 3 read"),
        (catches_everything, "Catch ReplyError, not Exception"),
        (lambda task, stages: {}, "Begin it with `async def`."),
    ],
)
def test_wrong_short_memories(graded, answer, words):
    result = graded("04_pipeline", "short_memory", answer)
    assert result.passed is False
    assert words in str(result)


async def pays_again(task, stages, gate, done):
    return await run_pipeline(task, stages, gate)


async def forgets_what_was_read(task, stages, gate, done):
    rest = [stage for stage in stages if stage.name not in done]
    return {**done, **await run_pipeline(task, rest, gate)}


async def loses_the_old(task, stages, gate, done):
    rest = [stage for stage in stages if stage.name not in done]
    return {**done, **await run_pipeline(stage_prompt(task, done), rest, gate)}


async def returns_only_the_new(task, stages, gate, done):
    rest = [stage for stage in stages if stage.name not in done]
    return await run_pipeline(stage_prompt(task, done), rest, gate)


async def changes_what_it_was_given(task, stages, gate, done):
    for stage in stages:
        if stage.name not in done:
            done[stage.name] = await stage.run(stage_prompt(task, done))
    return done


async def has_no_gate(task, stages, gate, done):
    done = dict(done)
    for stage in stages:
        if stage.name not in done:
            try:
                done[stage.name] = await stage.run(stage_prompt(task, done))
            except ReplyError as error:
                raise PipelineStopped(stage.name, str(error), done) from error
    return done


async def lets_errors_out(task, stages, gate, done):
    done = dict(done)
    for stage in stages:
        if stage.name not in done:
            done[stage.name] = await stage.run(stage_prompt(task, done))
            if reason := gate(stage.name, done[stage.name]):
                raise PipelineStopped(stage.name, reason, done)
    return done


async def returns_what_it_has(task, stages, gate, done):
    try:
        return (
            {**done, **await run_pipeline(task, [s for s in stages if s.name not in done], gate)}
            if done
            else {}
        )
    except PipelineStopped as stopped:
        return stopped.completed


async def keeps_the_text_that_did_not_pass(task, stages, gate, done):
    done = dict(done)
    for stage in stages:
        if stage.name in done:
            continue
        try:
            done[stage.name] = await stage.run(stage_prompt(task, done))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), done) from error
        if reason := gate(stage.name, done[stage.name]):
            raise PipelineStopped(stage.name, reason, done)
    return done


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (pays_again, "Skip a stage whose name is in `completed`."),
        (forgets_what_was_read, "what security read"),
        (loses_the_old, "The old texts and the new ones"),
        (returns_only_the_new, "The texts of all stages"),
        (changes_what_it_was_given, "Work on a copy"),
        (has_no_gate, "The gate looks at each new text."),
        (lets_errors_out, "security is cut: what is raised"),
        (returns_what_it_has, "what security read"),
        (keeps_the_text_that_did_not_pass, "isn't done"),
        (lambda task, stages, gate, done: done, "Begin it with `async def`."),
    ],
)
def test_wrong_resumes(graded, answer, words):
    result = graded("04_pipeline", "resume", answer)
    assert result.passed is False
    assert words in str(result)


async def a_barrier(tasks, stages):
    completed = {name: {} for name in tasks}
    for stage in stages:
        jobs = [stage.run(stage_prompt(tasks[name], completed[name])) for name in tasks]
        for name, text in zip(tasks, await asyncio.gather(*jobs), strict=True):
            completed[name][stage.name] = text
    return completed


async def one_task_after_the_other(tasks, stages):
    return {name: await run_pipeline(task, stages) for name, task in tasks.items()}


async def lets_the_others_go_on(tasks, stages):
    jobs = [run_pipeline(task, stages) for task in tasks.values()]
    return dict(zip(tasks, await asyncio.gather(*jobs), strict=True))


async def only_the_last_text(tasks, stages):
    texts = await lets_the_others_go_on(tasks, stages)
    return {name: list(done.values())[-1] for name, done in texts.items()}


async def none_for_a_failed_one(tasks, stages):
    async def one(task):
        try:
            return await run_pipeline(task, stages)
        except PipelineStopped:
            return None

    return dict(zip(tasks, await asyncio.gather(*map(one, tasks.values())), strict=True))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (a_barrier, "No barrier"),
        (one_task_after_the_other, "the second at which each task began"),
        (lets_the_others_go_on, "a TaskGroup cancels them"),
        (only_the_last_text, "Under each task's name, what run_pipeline gives."),
        (none_for_a_failed_one, "A stops after 1 s: what is raised"),
    ],
)
def test_wrong_reviews_of_all(graded, answer, words):
    result = graded("04_pipeline", "review_all", answer)
    assert result.passed is False
    assert words in str(result)


def with_a_pattern(stage, text):
    return "" if re.search(r"\bline (?:[1-9]|1[01])\b", text, re.IGNORECASE) else "no line"


async def the_last_of_all(task, stages):
    done = {}
    for stage in stages:
        try:
            done[stage.name] = await stage.run(stage_prompt(task, dict(list(done.items())[-1:])))
        except ReplyError as error:
            raise PipelineStopped(stage.name, str(error), done) from error
    return done


async def step_by_step(task, stages, gate, done):
    done = dict(done)
    for stage in stages:
        if stage.name not in done:
            try:
                text = await stage.run(stage_prompt(task, done))
            except ReplyError as error:
                raise PipelineStopped(stage.name, str(error), done) from error
            if reason := gate(stage.name, text):
                raise PipelineStopped(stage.name, reason, done)
            done[stage.name] = text
    return done


@pytest.mark.parametrize(
    ("name", "answer"),
    [("names_a_line", with_a_pattern), ("short_memory", the_last_of_all), ("resume", step_by_step)],
)
def test_other_right_answers_pass(graded, name, answer):
    assert graded("04_pipeline", name, answer).passed, str(graded("04_pipeline", name, answer))


BLANKS = [
    ("04_pipeline", "names_a_line"),
    ("04_pipeline", "short_memory"),
    ("04_pipeline", "resume"),
    ("04_pipeline", "review_all"),
]


async def only_dots(*arguments): ...


def a_plain_blank(stage, text): ...


@pytest.mark.parametrize(("lesson", "name"), BLANKS)
@pytest.mark.parametrize("blank", [None, ..., only_dots, a_plain_blank])
def test_a_blank_is_not_tried_yet(graded, lesson, name, blank):
    assert str(graded(lesson, name, blank)) == f"{name}: not tried yet"
