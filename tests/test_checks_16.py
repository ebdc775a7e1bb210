"""The checks of 16_observability reject the wrong answers that people give, in words."""

import json

import pytest

from mas_helpers.course.exercises import load


def sums(lines, skip=ValueError):
    bill, skipped = {}, 0
    for line in filter(str.strip, lines):
        try:
            entry = json.loads(line)
        except skip:
            skipped += 1
            continue
        bill[entry["agent"]] = bill.get(entry["agent"], 0.0) + (entry["usd"] or 0.0)
    return bill, skipped


def reads_all(lines):
    return sums(lines, skip=KeyError)


def without_the_count(lines):
    return sums(lines)[0]


def leaves_unknown_out(lines):
    kept, skipped = [], 0
    for line in filter(str.strip, lines):
        try:
            kept.append(json.loads(line))
        except ValueError:
            skipped += 1
    bill = {}
    for entry in kept:
        if entry["usd"] is not None:
            bill[entry["agent"]] = bill.get(entry["agent"], 0.0) + entry["usd"]
    return bill, skipped


def skips_all_and_adds_null(lines):
    bill, skipped = {}, 0
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            skipped += 1
        else:
            bill[entry["agent"]] = bill.get(entry["agent"], 0.0) + entry["usd"]
    return bill, skipped


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (skips_all_and_adds_null, "null is None in Python"),
        (sums, "What you don't know isn't nothing"),
        (reads_all, "JSONDecodeError"),
        (without_the_count, "Return both"),
        (leaves_unknown_out, "What you don't know isn't nothing"),
    ],
)
def test_bill_by_agent_tells_what_is_wrong(graded, answer, words):
    result = graded("16_observability", "bill_by_agent", answer)
    assert result.passed is False and words in str(result), str(result)


def test_an_empty_line_is_no_broken_one(graded, home):
    solutions = load(home / "notebooks/exercises/16_observability/solutions.py")

    def counts(lines):
        lines = list(lines)
        bill, skipped = solutions.bill_by_agent(lines)
        return bill, skipped + sum(not line.strip() for line in lines)

    result = graded("16_observability", "bill_by_agent", counts)
    assert result.passed is False and "An empty line is no broken one" in result.hint


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda number, trace: number % 10 == 0, "More than 10 s is slow"),
        (lambda number, trace: number % 10 == 1 or trace.seconds > 10, "keep 10, 20, 30"),
        (lambda number, trace: trace.seconds > 10 or not number % 10, "has a `call.error`"),
        (lambda number, trace: trace.seconds >= 10 or not number % 10, "not *more than* 10 s"),
        (
            lambda number, trace: any(call.seconds > 10 for call in trace.calls) or not number % 10,
            "each call alone may be quick",
        ),
        (
            lambda number, trace: (
                any(call.error or call.retries for call in trace.calls)
                or trace.seconds > 10
                or number % 10 == 0
            ),
            "tried again and got its answer",
        ),
        (
            lambda number, trace: [call for call in trace.calls if call.error],
            "Return True or False",
        ),
        (
            lambda number, trace: (
                bool(trace.calls[0].error) or trace.seconds > 10 or number % 10 == 0
            ),
            "Ask all of the calls",
        ),
    ],
)
def test_worth_keeping_tells_what_is_wrong(graded, answer, words):
    result = graded("16_observability", "worth_keeping", answer)
    assert result.passed is False and words in str(result), str(result)
