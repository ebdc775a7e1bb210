# wrong: the list is empty afterwards
def add_usages(usages):
    result = {"input": 0, "cached": 0, "output": 0, "unknown": 0}
    while usages:
        u = usages.pop()
        if u is None:
            result["unknown"] += 1
            continue
        cached = (u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        result["input"] += u["prompt_tokens"] - cached
        result["cached"] += cached
        result["output"] += u["completion_tokens"]
    return result
