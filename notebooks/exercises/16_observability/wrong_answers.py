"""Tempting wrong answers to the exercises of 16_observability, and what is wrong with them."""

import json


def bill_by_agent(lines):
    """A price that nobody knows is counted as nothing.

    The bill of that agent looks small and complete, and nobody notices that half of its calls are
    not in it.

    Ask back: which agent on this bill is the cheapest? Would you bet on it?
    """
    bill, skipped = {}, 0
    for line in lines:
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            skipped += 1
            continue
        bill[entry["agent"]] = bill.get(entry["agent"], 0.0) + (entry["usd"] or 0.0)
    return bill, skipped


def worth_keeping(number, trace):
    """Only the last call is asked whether it failed.

    A worker that failed early leaves a gap that the last agent writes around: the run ends well,
    and the trace that shows why the answer has a gap is thrown away.

    Ask back: a worker fails, and the synthesizer answers without it. What does the last call say?
    """
    has_failed = bool(trace.calls) and bool(trace.calls[-1].error)
    return has_failed or trace.seconds > 10 or number % 10 == 0
