# right: a Counter for the dollars, which is a dictionary
import json
from collections import Counter


def bill_by_agent(lines):
    bill, broken, unknown = Counter(), 0, set()
    for line in filter(None, map(str.strip, lines)):
        try:
            entry = json.loads(line)
        except ValueError:
            broken += 1
            continue
        bill[entry["agent"]] += entry["usd"] or 0
        if entry["usd"] is None:
            unknown |= {entry["agent"]}
    return {agent: None if agent in unknown else usd for agent, usd in bill.items()}, broken
