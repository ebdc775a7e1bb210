# right: a plain loop, unknown remembered in a set
import json


def bill_by_agent(lines):
    bill = {}
    unknown = set()
    skipped = 0
    for line in lines:
        line = line.strip()
        if line == "":
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            skipped += 1
        else:
            agent = entry["agent"]
            if entry["usd"] is None:
                unknown.add(agent)
                bill.setdefault(agent, 0)
            else:
                bill[agent] = bill.get(agent, 0) + entry["usd"]
    for agent in unknown:
        bill[agent] = None
    return bill, skipped
