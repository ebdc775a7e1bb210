# wrong: a reason closes the case
def unsaid_routed(routed):
    if routed.fallback_reason:
        return []
    return [] if routed.answer == "billing: done" else ["not billing's answer"]
