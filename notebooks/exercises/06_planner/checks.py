"""The checks of 06_planner: what waits for what, and what is asked once."""

import inspect

from mas_helpers.agents import Plan, Subtask
from mas_helpers.course.exercises import Failed, Line, call_plain, expect


def check_waves(waves):
    """The earliest wave for each subtask, an error for a circle and for an unknown number."""

    def play(needs):
        """What waves gives or raises for a plan with these needs, and the plan afterwards."""
        plan = _needing(needs)
        try:
            got = call_plain(waves, plan)
        except Failed:
            raise
        except Exception as error:
            return error, plan
        if inspect.isgenerator(got):
            hint = "A `yield` makes a generator of it: collect the waves in a list."
            raise Failed("what came back", Line("a generator"), Line("a list of lists"), hint)
        return got, plan

    def ask(case, needs, expected, hint):
        got, plan = play(needs)
        kept = [subtask.needs for subtask in plan.subtasks]
        hint_kept = "Leave the plan and its needs alone; work on copies."
        expect(f"{case}: the needs in the plan afterwards", kept, needs, hint_kept)
        if isinstance(got, Exception):
            got, hint = Line(f"{type(got).__name__}: {got}"), f"This one can be carried out. {hint}"
        expect(case, got, expected, hint)

    def ask_error(case, needs, hint):
        got, _ = play(needs)
        if isinstance(got, ValueError):
            return
        if isinstance(got, Exception):
            got, hint = Line(f"{type(got).__name__}: {got}"), f"raise ValueError(…). {hint}"
        raise Failed(case, got, Line("ValueError"), hint)

    ask(
        "three that need nothing",
        [[], [], []],
        [[1, 2, 3]],
        "One wave, numbered from 1, and no empty one.",
    )
    hint = (
        "A wave for each. What a subtask needs is there "
        "when a wave before it is over, not within its own."
    )
    ask("each needs the one before", [[], [1], [2]], [[1], [2], [3]], hint)
    ask(
        "1 needs 3",
        [[3], [], []],
        [[2, 3], [1]],
        "The order in the plan says nothing; the needs do.",
    )
    hint = "3 needs nothing but 1: it is in the second wave, beside 2."
    ask("2 and 3 need 1, 4 needs both", [[], [1], [1], [2, 3]], [[1], [2, 3], [4]], hint)
    hint = "As early as it can be, and no earlier: all of its needs are in waves before."
    ask("4 needs 1 and 3, 3 needs 2", [[], [], [2], [1, 3]], [[1, 2], [3], [4]], hint)
    ask("2 needs 1 twice", [[], [1, 1]], [[1], [2]], "A number that is there twice is needed once.")
    ask("a plan without subtasks", [], [], "No subtask, no wave.")
    ask_error(
        "1 and 2 need each other",
        [[2], [1], []],
        "When nothing can begin and some are left, it is a circle.",
    )
    ask_error(
        "2 needs itself", [[], [2]], "When nothing can begin and some are left, it is a circle."
    )
    ask_error(
        "2 needs 7, and there are two", [[], [7]], "A number that is not there is never done."
    )
    ask_error(
        "2 needs 0, and they begin at 1", [[], [0]], "A number that is not there is never done."
    )
    return "7 plans in waves, 4 that nobody could carry out"


def _needing(needs):
    return Plan(
        subtasks=[Subtask(kind="data", task=f"Part {i}", needs=n) for i, n in enumerate(needs)]
    )


def check_asked_once(asked_once):
    """Which subtasks are left, and where their needs point."""
    came, why = ("data", "How many came?"), ("summary", "Why did they come?")

    def ask(case, given, expected, hint):
        plan = _plan(given)
        before = plan.model_dump()
        got = call_plain(asked_once, plan)
        hint_before = "Leave the plan alone: subtask.model_copy(update={…}) makes another subtask."
        expect(
            f"{case}: the plan that was given, afterwards", plan.model_dump(), before, hint_before
        )
        rows = _rows(case, got)
        kept = [row[:2] for row in rows]
        if len(kept) == len(expected) and kept != [row[:2] for row in expected]:
            hint = "Of several that say the same, the first stays, at its place, as it is written."
        expect(case, rows, expected, hint)

    ask(
        "no two are the same",
        [(*came, []), (*why, [1])],
        [(*came, []), (*why, [1])],
        "Nothing is dropped, and no need changes.",
    )
    again = ("data", "how many... CAME")
    hint = "Compare kind and words: set(re.findall(r'\\w+', task.casefold()))."
    ask("2 says the same as 1", [(*came, []), (*again, [])], [(*came, [])], hint)
    hint = "The first of them stays, as it is written there."
    ask(
        "3 says the same as 2",
        [(*why, []), (*again, []), (*came, [])],
        [(*why, []), (*again, [])],
        hint,
    )
    same_words = ("summary", "How many came?")
    hint = "Another kind has other material: the same words asked of it are no repetition."
    ask(
        "the same words for another kind",
        [(*came, []), (*same_words, [])],
        [(*came, []), (*same_words, [])],
        hint,
    )
    more = ("data", "How many came in May?")
    hint = "All the words have to be the same, not most of them."
    ask("one word more", [(*came, []), (*more, [])], [(*came, []), (*more, [])], hint)
    weeks = [("data", f"How many came in week {number}?", []) for number in (1, 2)]
    ask("weeks 1 and 2", weeks, weeks, "A number is a word too: \\w+ finds both.")
    ask(
        "three times the same",
        [(*came, [])] * 3,
        [(*came, [])],
        "Every repetition goes, not only the first.",
    )
    twice = ("data", "How many, many came?")
    hint = "The same set of words, so it doesn't matter how often a word is there."
    ask("2 says a word twice", [(*came, []), (*twice, [])], [(*came, [])], hint)
    hint = (
        "What a dropped subtask needed is dropped with it: the one that stays needs what it needed."
    )
    ask(
        "3 says the same as 2, and needs 1",
        [(*why, []), (*came, []), (*again, [1])],
        [(*why, []), (*came, [])],
        hint,
    )
    hint = "When 2 is dropped, 3 becomes 2: a need that pointed to 3 points to 2."
    ask(
        "4 needs 3, and 2 is dropped",
        [(*came, []), (*again, []), (*why, []), ("code", "Count them.", [3])],
        [(*came, []), (*why, []), ("code", "Count them.", [2])],
        hint,
    )
    hint = "The result is there under another number: the need points to the earlier subtask."
    ask(
        "3 needs 2, and 2 is dropped",
        [(*came, []), (*again, []), (*why, [2])],
        [(*came, []), (*why, [1])],
        hint,
    )
    hint = "Each number once, ascending."
    ask(
        "4 needs 3, 2 and 1, and 2 is dropped",
        [(*came, []), (*again, []), (*why, []), ("code", "Count them.", [3, 2, 1])],
        [(*came, []), (*why, []), ("code", "Count them.", [1, 2])],
        hint,
    )
    hint = "A need may point forward: number all the subtasks before you change the needs."
    ask(
        "1 needs 4, and 3 is dropped",
        [(*why, [4]), (*came, []), (*again, []), ("code", "Count them.", [])],
        [(*why, [3]), (*came, []), ("code", "Count them.", [])],
        hint,
    )
    ask("a plan without subtasks", [], [], "No subtask, nothing to drop.")
    return "14 plans, each subtask asked once, each need where its result is"


def _plan(rows):
    return Plan(subtasks=[Subtask(kind=kind, task=task, needs=needs) for kind, task, needs in rows])


def _rows(case, got):
    if not hasattr(got, "subtasks"):
        raise Failed(f"{case}: what came back", got, Line("a Plan"), "return Plan(subtasks=[…])")
    return [(one.kind, one.task, list(one.needs)) for one in got.subtasks]
