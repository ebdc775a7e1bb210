# wrong: *done* at the end, from anybody
def unsaid_routed(routed):
    problems = [] if routed.answer.endswith(": done") else ["not done"]
    if routed.agent != "billing" and not routed.fallback_reason:
        problems.append("nobody says why")
    return problems
