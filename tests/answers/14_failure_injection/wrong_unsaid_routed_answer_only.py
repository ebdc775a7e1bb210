# wrong: looks at the answer only
def unsaid_routed(routed):
    return [] if routed.answer == f"{routed.agent}: done" else ["the answer is not whole"]
