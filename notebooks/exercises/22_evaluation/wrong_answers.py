"""Tempting wrong answers to the exercises of 22_evaluation, and what to ask back."""

from statistics import fmean


def pass_rates(runs):
    """It takes the best and the worst run, and not the questions.

    Two runs may be half right each and have no right answer in common: together they know
    everything, and of nothing can you be sure.

    Ask back: is a question that one run had right, and the other wrong, in *any*? In *all*?
    """
    scores = [fmean(run) for run in runs]
    return {"any": max(scores), "mean": fmean(scores), "all": min(scores)}


def alike_in_kinds(plan, other):
    """A set knows which kinds there are, and not how many of each.

    Two plans of which one pays for loans twice and the other for costs twice come out as the same.

    Ask back: what is on the bill of the first plan, and what on that of the second?
    """
    one, two = ({subtask.kind for subtask in p.subtasks} for p in (plan, other))
    return len(one & two) / len(one | two) if one | two else 1.0
