# wrong: an unknown price counts as nothing
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
        bill[entry["agent"]] = bill.get(entry["agent"], 0) + (entry["usd"] or 0)
    return bill, skipped
