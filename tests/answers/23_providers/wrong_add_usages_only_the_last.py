# wrong: each call replaces the one before it
def add_usages(usages):
    result = {"input": 0, "cached": 0, "output": 0, "unknown": 0}
    for u in usages:
        if u is None:
            result["unknown"] += 1
        else:
            cached = (u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
            result["input"] = u["prompt_tokens"] - cached
            result["cached"] = cached
            result["output"] = u["completion_tokens"]
    return result
