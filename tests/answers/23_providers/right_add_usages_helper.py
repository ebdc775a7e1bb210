# right: a helper that says what came from a cache
def from_cache(usage):
    try:
        return usage["prompt_tokens_details"]["cached_tokens"] or 0
    except (KeyError, TypeError):
        return 0


def add_usages(usages):
    known = list(filter(None, usages))
    return {
        "input": sum(u["prompt_tokens"] - from_cache(u) for u in known),
        "cached": sum(map(from_cache, known)),
        "output": sum(u["completion_tokens"] for u in known),
        "unknown": usages.count(None),
    }
