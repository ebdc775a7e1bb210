"""Tempting wrong answers to the exercises of 00_start_here, and what is wrong with them."""

import time


async def nap():
    """`time.sleep` is the sleep you know from scripts.

    It stops the whole program for 90 real seconds, and the virtual clock with it: nothing else can
    go on, and there's nothing to jump over.

    Ask back: who would notice the 90 seconds, you or the clock? What could another coroutine do in
    that time?
    """
    time.sleep(90)


async def twice(ask, first_question, second_question):
    """You get two coroutines, and nobody was asked: calling an async function only prepares the
    call, and `await` runs it.

    Ask back: what is the type of `first`? Which word turns it into a reply?
    """
    first = ask(first_question)
    second = ask(second_question)
    return [first, second]
