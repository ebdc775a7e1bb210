# wrong: each call overwrites the one before
import json


def bill_by_agent(lines):
    bill, skipped = {}, 0
    for line in filter(str.strip, lines):
        try:
            entry = json.loads(line)
            bill[entry["agent"]] = entry["usd"]
        except ValueError:
            skipped += 1
    return bill, skipped
