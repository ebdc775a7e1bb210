# wrong: the count of broken lines isn't returned
import json


def bill_by_agent(lines):
    bill = {}
    for line in filter(str.strip, lines):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        bill[entry["agent"]] = bill.get(entry["agent"], 0) + entry["usd"]
    return bill
