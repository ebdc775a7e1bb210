# wrong: sentences with nothing in them
def unsaid_routed(routed):
    whole = routed.answer == f"{routed.agent}: done"
    said = routed.agent == "billing" or routed.fallback_reason
    return [] if whole and said else [""]
