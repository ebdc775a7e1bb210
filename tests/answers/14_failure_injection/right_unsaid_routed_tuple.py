# right: a tuple, and a partition of the answer
def unsaid_routed(routed):
    who, _, what = routed.answer.partition(": ")
    whole = who == routed.agent and what == "done"
    said = routed.agent == "billing" or bool(routed.fallback_reason)
    return ("not whole",) * (not whole) + ("not said",) * (not said)
