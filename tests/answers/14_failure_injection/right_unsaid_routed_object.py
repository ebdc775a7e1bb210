# right: an object that can be called
from functools import partial


class Judge:
    def __init__(self, right):
        self.right = right

    def __call__(self, closing, routed):
        found = [] if routed.answer == routed.agent + closing else ["half an answer, or none"]
        if routed.agent != self.right and not routed.fallback_reason:
            found += ["the default answered"]
        return found


unsaid_routed = partial(Judge("billing"), ": done")
