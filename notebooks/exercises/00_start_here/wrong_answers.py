"""Tempting wrong answers to the exercises of 00_start_here, and what is wrong with them."""

import time


async def nap():
    """`time.sleep` is the sleep that scripts use.

    It holds up the whole program for 90 real seconds, and the virtual clock with it: nothing else
    can go on, and nothing can be jumped over.

    Ask back: who would notice the 90 seconds, you or the clock? What could another coroutine do in
    that time?
    """
    time.sleep(90)


my_question = "In one sentence: what is a token?"
my_reply = my_question
"""A question is a text, and a text asks nobody. The line above the check sends it: `ask` makes the
call, `run` runs it, and what comes back is the reply.

Ask back: which line sends your question? What would be different here if nobody had sent it?
"""


async def twice(ask, first_question, second_question):
    """Two coroutines, and nobody has been asked: a call of an async function waits until somebody
    awaits it.

    Ask back: what is the type of `first`? Which word makes a reply out of it?
    """
    first = ask(first_question)
    second = ask(second_question)
    return [first, second]
