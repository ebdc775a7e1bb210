"""Solutions to the exercises of 16_observability."""

import json


def bill_by_agent(lines):
    bill, skipped = {}, 0
    for line in filter(str.strip, lines):
        try:
            entry = json.loads(line)
        except ValueError:
            skipped += 1
            continue
        so_far = bill.get(entry["agent"], 0.0)
        is_unknown = so_far is None or entry["usd"] is None
        bill[entry["agent"]] = None if is_unknown else so_far + entry["usd"]
    return bill, skipped


def worth_keeping(number, trace):
    has_failed = any(call.error for call in trace.calls)
    return has_failed or trace.seconds > 10 or number % 10 == 0
