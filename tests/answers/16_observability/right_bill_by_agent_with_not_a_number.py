# right: an unknown price is nan while it is added up
import json
import math


def bill_by_agent(lines):
    bill, skipped = {}, 0
    for line in lines:
        if line.isspace() or not line:
            continue
        try:
            entry = json.loads(line)
        except Exception:
            skipped = skipped + 1
            continue
        usd = math.nan if entry["usd"] is None else entry["usd"]
        bill[entry["agent"]] = bill.get(entry["agent"], 0.0) + usd
    return {agent: None if math.isnan(usd) else usd for agent, usd in bill.items()}, skipped
