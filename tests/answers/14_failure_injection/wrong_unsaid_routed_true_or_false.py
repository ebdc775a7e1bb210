# wrong: true or false, where sentences are asked for
def unsaid_routed(routed):
    return routed.answer != f"{routed.agent}: done"
