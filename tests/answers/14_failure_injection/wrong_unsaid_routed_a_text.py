# wrong: one text, where a list is asked for
def unsaid_routed(routed):
    if routed.answer != f"{routed.agent}: done":
        return "the answer is not whole"
    return ""
