# wrong: every default is an objection
def unsaid_routed(routed):
    return [] if routed.answer == "billing: done" else ["billing has not answered"]
