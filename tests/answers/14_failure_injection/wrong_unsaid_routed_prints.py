# wrong: prints what it finds
def unsaid_routed(routed):
    if routed.answer != f"{routed.agent}: done":
        print("not whole")
    return []
