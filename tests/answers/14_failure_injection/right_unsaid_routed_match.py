# right: match on the fields
def unsaid_routed(routed):
    match routed.agent, routed.fallback_reason, routed.answer:
        case ("billing", _, "billing: done"):
            return []
        case (agent, reason, answer) if reason and answer == f"{agent}: done":
            return []
        case (agent, _, answer):
            return [f"{agent} gave {answer!r}, and nothing says so"]
