# wrong: returns nothing where all is well
def unsaid_routed(routed):
    if routed.answer != f"{routed.agent}: done":
        return ["the answer is not whole"]
    if routed.agent != "billing" and not routed.fallback_reason:
        return ["nothing says why"]
