# wrong: a priced call after an unknown one begins a new sum
import json


def bill_by_agent(lines):
    bill, skipped = {}, 0
    for line in lines:
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError:
            skipped += 1
            continue
        if entry["usd"] is None:
            bill[entry["agent"]] = None
        else:
            bill[entry["agent"]] = (bill.get(entry["agent"]) or 0) + entry["usd"]
    return bill, skipped
