"""Tempting wrong answers to the exercises of 26_capstone, and what to ask back."""

from mas_helpers import run


def nothing_goes_on(play):
    """It looks at the bill when the answer is there. What goes on is billed when *it* is there, an
    hour later, and by then the test has gone home.

    Ask back: when does the bill for a call come that nobody waits for? Who's still looking then?
    """
    for slow in ("fees", "sizes", "care", "writer"):
        (ask, paid), (ask_usual, usual) = play(slow), play("")
        for one in (ask, ask_usual):
            try:
                run(one(), clock="virtual")
            except Exception:
                pass
        assert paid() <= usual(), f"{slow} is slow, and it costs more"


def worst_case(workers, writer, usd):
    """The workers' calls and the writer's are added up, with all their attempts. But the writer
    reads what the workers have written, and pays for that a second time, as input.

    Ask back: what's in the writer's prompt? Who decides how long that gets?
    """
    calls = [*workers, writer]
    dollars = sum(
        call["attempts"]
        * (call["input_tokens"] * usd["input"] + call["max_tokens"] * usd["output"])
        for call in calls
    )
    return dollars, max(worker["seconds"] for worker in workers) + writer["seconds"]


my_system = "../examples/my_system"
"""It's the template, as `start.py new` makes it: the three functions are still to be written.

Ask back: what does the first test say? Which of the three functions does it call?
"""
