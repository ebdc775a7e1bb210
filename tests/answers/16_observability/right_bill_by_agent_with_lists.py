# right: all amounts of an agent first, the sums after
import json
from collections import defaultdict


def bill_by_agent(lines):
    amounts, skipped = defaultdict(list), 0
    for line in lines:
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            amounts[entry["agent"]].append(entry["usd"])
        except ValueError:
            skipped += 1
    bill = {a: None if None in usd else sum(usd) for a, usd in amounts.items()}
    return bill, skipped
