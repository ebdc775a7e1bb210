"""The checks of 00_start_here: what the learner's code does, in what order, in how many seconds."""

import asyncio

from anthropic.types import Message

from mas_helpers import run
from mas_helpers.course.exercises import Failed, Line, call_async, expect


def check_nap(nap):
    """It takes exactly 90 virtual seconds, each time, and nothing goes on behind it."""

    async def timed():
        loop = asyncio.get_running_loop()
        others, began = asyncio.all_tasks(), loop.time()
        await call_async(nap)
        seconds, tasks = loop.time() - began, asyncio.all_tasks() - others
        await asyncio.sleep(0)
        return round(seconds, 9), sum(not task.done() for task in tasks)

    for time in ("the first time", "the second time"):
        seconds, still_running = run(timed(), clock="virtual")
        hint = "The number is in seconds, and the sleep has to be awaited."
        expect(f"seconds on the clock, {time}", seconds, 90.0, hint)
        hint = "A task that nobody awaits goes on behind your back: no task is needed here."
        expect("tasks that still run after nap() has returned", still_running, 0, hint)
    return "90.0 s on the clock, none on yours"


def check_twice(twice):
    """Two questions, the second after the first is answered; the texts in that order."""
    for first, second in (("first", "second"), ("the same", "the same")):
        _check_two(twice, first, second)
    return "asked, answered, asked, answered; 4.0 s on the clock"


def _check_two(twice, first, second):
    asked, happened = [], []

    async def ask(question):
        asked.append(question)
        number = len(asked)
        happened.append(f"question {number} asked")
        await asyncio.sleep(3 if number == 1 else 1)
        happened.append(f"question {number} answered")
        return _reply(f"answer {number} ", f"to {question}")

    answers = run(call_async(twice, ask, first, second), clock="virtual")
    if isinstance(answers, list | tuple) and any(map(asyncio.iscoroutine, answers)):
        for answer in filter(asyncio.iscoroutine, answers):
            answer.close()
        hint = "A call of an async function does nothing until awaited."
        raise Failed("what came back", Line("coroutines"), Line("texts"), hint)
    hint = "Ask each question once, with the `ask` that is handed in."
    if asked == [first] and first != second:
        hint = "Does `return` come too early? Both questions are asked."
    expect("the questions that were asked", sorted(map(str, asked)), sorted([first, second]), hint)
    in_order = [f"question {n} {what}" for n in (1, 2) for what in ("asked", "answered")]
    hint = "`await` the first answer before you ask again."
    expect("what happened, in order", happened, in_order, hint)
    expect("the order of the questions", asked, [first, second], "The first question comes first.")
    texts = [f"answer 1 to {first}", f"answer 2 to {second}"]
    if isinstance(answers, list) and answers[::-1] == texts:
        hint = "The answer to the first question comes first."
    elif isinstance(answers, list) and any(isinstance(answer, Message) for answer in answers):
        hint = "These are whole replies: text_of(reply) of each."
    else:
        hint = "A list of two texts: text_of(reply) of each, all of it."
    expect("what came back", _as_texts(answers), texts, hint)


def _as_texts(answers):
    if isinstance(answers, list):
        return [Line("a Message") if isinstance(one, Message) else one for one in answers]
    return Line("a Message") if isinstance(answers, Message) else answers


def _reply(*texts):
    """A reply that thinks first and answers in several blocks."""
    blocks = [{"type": "thinking", "thinking": "", "signature": ""}]
    return Message.model_validate({
        "id": "msg_check", "type": "message", "role": "assistant", "model": "check",
        "stop_reason": "end_turn", "stop_sequence": None,
        "content": blocks + [{"type": "text", "text": text} for text in texts],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    })  # fmt: skip
