# right: the first thing found
def unsaid_routed(routed):
    if not routed.answer:
        return ["the answer is empty"]
    if routed.answer != f"{routed.agent}: done":
        return [f"{routed.answer!r} is no answer of {routed.agent}"]
    if routed.agent == "billing" or routed.fallback_reason:
        return []
    return [f"{routed.agent} answered instead of billing"]
