"""The checks of 00_start_here: what the learner's code does, in what order, in how many seconds."""

import asyncio
import inspect
import threading
import time
from unittest import mock

from anthropic.types import Message

from mas_helpers import run, trace
from mas_helpers.course.exercises import Failed, NotTried, expect, expect_async


def check_nap(nap):
    """It takes exactly 90 virtual seconds and no real ones."""

    def stop_the_program(seconds):
        if threading.get_ident() not in learner:  # somebody else's thread
            return really_sleep(seconds)
        hint = "time.sleep stops the whole program, clock and all. Which sleep can be awaited?"
        raise Failed(
            "nap() really sleeps",
            f"time.sleep({seconds})",
            "a wait that the clock can jump over",
            hint,
        )

    expect_async(nap)
    learner, really_sleep = [], time.sleep

    async def watched():
        learner.append(threading.get_ident())
        await nap()

    with mock.patch.object(time, "sleep", stop_the_program), trace() as nap_trace:
        run(watched(), clock="virtual")
    expect(
        "seconds on the clock",
        nap_trace.seconds,
        90.0,
        "Seconds, not minutes; and did you `await` the sleep?",
    )
    return "90.0 s on the clock, none on yours"


def check_my_question(reply):
    """Any message will do: the point is the note above it."""
    hint = "Change only my_question, a text between quotes; leave run(ask(my_question)) as it is."
    expect("what came back", type(reply).__name__, Message.__name__, hint)
    return "A reply came back. In replay, the note above it says how close the recording was."


def check_twice(twice):
    """Two questions, the second after the first is answered; the texts in that order."""
    happened = []

    async def ask(question):
        happened.append(f"asked {question}")
        await asyncio.sleep(3 if question == "first" else 1)
        happened.append(f"answered {question}")
        return Message.model_validate({
            "id": "msg_check", "type": "message", "role": "assistant", "model": "check",
            "stop_reason": "end_turn",
            "content": [{"type": "thinking", "thinking": "", "signature": ""},
                        {"type": "text", "text": f"to {question}"}],
            "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
        })  # fmt: skip

    expect_async(twice)
    answers = run(twice(ask, "first", "second"), clock="virtual")
    if answers is None and not happened:
        raise NotTried
    if any(inspect.iscoroutine(answer) for answer in answers or []):
        for answer in answers:
            answer.close()
        raise Failed(
            "what came back",
            "coroutines",
            "texts",
            "A call of an async function does nothing until awaited.",
        )
    if len(happened) == 2:
        hint = (
            "Does `return` come too early? "
            "Both questions are asked, the second after the first is answered."
        )
        raise Failed("questions asked", 1, 2, hint)
    in_order = ["asked first", "answered first", "asked second", "answered second"]
    expect(
        "what happened, in order",
        happened,
        in_order,
        "`await` the first answer before you ask again.",
    )
    expect(
        "what came back",
        answers,
        ["to first", "to second"],
        "A list of two texts: text_of(reply) of each.",
    )
    return "asked, answered, asked, answered; 4.0 s on the clock"
