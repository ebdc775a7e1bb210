# right: a Counter, filled call by call
from collections import Counter


def add_usages(usages):
    sums = Counter(input=0, cached=0, output=0, unknown=0)
    for usage in usages:
        if not usage:
            sums["unknown"] += 1
        else:
            details = usage.get("prompt_tokens_details") or {"cached_tokens": 0}
            cached = details.get("cached_tokens") or 0
            sums["cached"] += cached
            sums["input"] += usage["prompt_tokens"] - cached
            sums["output"] += usage["completion_tokens"]
    return dict(sums)
