"""The checks of 22_evaluation: shares of questions over several runs, and plans by kind."""

import copy

from mas_helpers.agents import Plan, Subtask
from mas_helpers.course.exercises import Failed, Line, call_plain, expect

NAMES = ["any", "mean", "all"]


def check_pass_rates(pass_rates):
    """Any, mean and all are counted question by question, over any number of runs."""

    def ask(case, runs, rates, hint):
        given = copy.deepcopy(runs)
        got = call_plain(pass_rates, given)
        expect(f"{case}: the runs afterwards", given, runs, "Leave them alone.")
        if not isinstance(got, dict) or set(got) != set(NAMES):
            shape = Line("a dictionary with any, mean and all")
            raise Failed(f"{case}: what came back", got, shape, "Three shares by name.")
        for name, rate in zip(NAMES, rates, strict=True):
            if not _is_near(got[name], rate):
                raise Failed(f"{case}: {name}", got[name], rate, hint[name])

    best = "Question by question: right in at least one run. The best run is another number."
    worst = "Question by question: right in each run. The worst run is another number."
    usual = "All that was right, over all that was asked."
    hint = {"any": best, "mean": usual, "all": worst}
    ask("two runs, each right where the other is wrong", [[1, 0], [0, 1]], (1.0, 0.5, 0.0), hint)
    runs = [[True, True, False, False], [True, False, True, False], [True, False, False, False]]
    ask("three runs of four questions", runs, (0.75, 5 / 12, 0.25), hint)
    one = "With one run, the three are the same."
    ask("one run", [[True, False, True, True]], (0.75,) * 3, dict.fromkeys(NAMES, one))
    ask("nothing right in five runs", [[False] * 3] * 5, (0.0,) * 3, hint)
    ask("all right in two runs", [[True] * 3] * 2, (1.0,) * 3, hint)
    many = "Any number of runs and of questions: neither is five, or forty."
    wide = [[number % 7 == 0 for number in range(60)] for _ in range(8)]
    ask("eight runs of sixty questions", wide, (9 / 60,) * 3, dict.fromkeys(NAMES, many))
    ask("one question, four runs", [[1], [0], [1], [1]], (1.0, 0.75, 0.0), hint)
    return "any, mean and all of seven exams, counted question by question"


def check_alike_in_kinds(alike_in_kinds):
    """Shared kinds over all, with their numbers; in both directions, at both ends."""

    def ask(case, kinds, others, expected, hint):
        plan, other = _plan(kinds, "What of part"), _plan(others, "Look at share")
        before = plan.model_dump(), other.model_dump()
        for one, two, way in ((plan, other, ""), (other, plan, ", the other way round")):
            try:
                got = call_plain(alike_in_kinds, one, two)
            except Failed:
                raise
            except Exception as error:
                # any pair does that: the line where it happened says more
                if kinds == others == "abc":
                    raise
                line = Line(f"{type(error).__name__}: {error}")
                raise Failed(f"{case}{way}", line, expected, hint) from error
            if not _is_near(got, expected):
                raise Failed(f"{case}{way}", got, expected, hint)
        after = plan.model_dump(), other.model_dump()
        expect(f"{case}: the plans afterwards", after, before, "Leave them alone.")

    hint = "Compare the kinds alone, not the words of the tasks."
    ask("the same kinds, other words", "abc", "abc", 1.0, hint)
    ask("the same kinds in another order", "abc", "cab", 1.0, "The order says nothing.")
    ask("no kind in common", "ab", "cd", 0.0, "Nothing shared is 0.")
    hint = "Divide by how many there are in either: a, b, c."
    ask("one of three in common", "ab", "bc", 1 / 3, hint)
    hint = (
        "Counter(kinds) counts, a set does not: "
        "& takes the smaller number of each kind, | the larger."
    )
    ask("loans, loans, costs and loans, costs, costs", "aab", "abb", 0.5, hint)
    ask("a kind twice and once", "aa", "a", 0.5, hint)
    hint = "What only the longer plan has counts as well."
    ask("four subtasks and one of them", "abcd", "d", 0.25, hint)
    ask("a plan and an empty one", "ab", "", 0.0, "Nothing shared, something there: 0.")
    ask("two empty plans", "", "", 1.0, "Nothing to divide by: say 1.0 before you divide.")
    return "8 pairs and two empty plans, the same in both directions"


def _is_near(got, share):
    is_number = isinstance(got, int | float) and not isinstance(got, bool)
    return is_number and abs(got - share) < 0.006


def _plan(kinds, words):
    names = {"a": "loans", "b": "costs", "c": "members", "d": "code"}
    subtasks = [
        Subtask(kind=names[kind], task=f"{words} {number}", needs=[])
        for number, kind in enumerate(kinds, 1)
    ]
    return Plan(subtasks=subtasks)
