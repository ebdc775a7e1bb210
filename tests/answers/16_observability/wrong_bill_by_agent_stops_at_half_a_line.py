# wrong: what comes after the half line isn't read
import json


def bill_by_agent(lines):
    bill, skipped = {}, 0
    try:
        for line in lines:
            if line.strip():
                entry = json.loads(line)
                old = bill.get(entry["agent"], 0)
                bill[entry["agent"]] = None if None in (old, entry["usd"]) else old + entry["usd"]
    except ValueError:
        skipped += 1
    return bill, skipped
