# right: two ifs
def unsaid_routed(routed):
    problems = []
    if routed.answer != f"{routed.agent}: done":
        problems.append("this is not the whole answer of the one named")
    if routed.agent != "billing" and not routed.fallback_reason:
        problems.append("another agent answered, and nothing says why")
    return problems
