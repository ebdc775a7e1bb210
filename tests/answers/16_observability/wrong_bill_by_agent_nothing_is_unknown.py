# wrong: a call that cost 0.0 is taken for one without a price
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
        agent, usd = entry["agent"], entry["usd"]
        if not usd or (agent in bill and bill[agent] is None):
            bill[agent] = None
        else:
            bill[agent] = bill.get(agent, 0) + usd
    return bill, skipped
