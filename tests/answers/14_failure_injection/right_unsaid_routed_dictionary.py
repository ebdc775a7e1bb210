# right: sentences by their condition
def unsaid_routed(routed):
    wrong = {
        "the answer is not whole": routed.answer != routed.agent + ": done",
        "who answered is not said": routed.agent != "billing" and routed.fallback_reason == "",
    }
    return [sentence for sentence, holds in wrong.items() if holds]
