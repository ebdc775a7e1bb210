# wrong: any text is an answer
def unsaid_routed(routed):
    problems = [] if routed.answer else ["empty"]
    if routed.agent != "billing" and not routed.fallback_reason:
        problems.append("another one")
    return problems
