# right: a loop with four counters
def add_usages(usages):
    fresh = cached = output = unknown = 0
    for usage in usages:
        if usage is None:
            unknown += 1
            continue
        details = usage.get("prompt_tokens_details")
        from_cache = details.get("cached_tokens") if details else None
        from_cache = from_cache or 0
        fresh += usage["prompt_tokens"] - from_cache
        cached += from_cache
        output += usage["completion_tokens"]
    return {"input": fresh, "cached": cached, "output": output, "unknown": unknown}
