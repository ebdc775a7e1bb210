# wrong: an empty line is counted as broken
import json


def bill_by_agent(lines):
    bill, skipped = {}, 0
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            skipped += 1
            continue
        old = bill.get(entry["agent"], 0)
        bill[entry["agent"]] = None if None in (old, entry["usd"]) else old + entry["usd"]
    return bill, skipped
