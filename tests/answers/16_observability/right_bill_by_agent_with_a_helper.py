# right: a helper reads a line, and gives None for a broken one
import json


def read(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def bill_by_agent(lines):
    entries = [read(line) for line in lines if line.strip()]
    good = [entry for entry in entries if entry is not None]
    bill = {}
    for agent in dict.fromkeys(entry["agent"] for entry in good):
        usd = [entry["usd"] for entry in good if entry["agent"] == agent]
        bill[agent] = None if any(one is None for one in usd) else sum(usd)
    return [bill, len(entries) - len(good)]
