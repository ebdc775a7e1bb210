# wrong: details that are there and None break it
def add_usages(usages):
    known = [u for u in usages if u]
    cached = sum(u.get("prompt_tokens_details", {}).get("cached_tokens", 0) for u in known)
    return {
        "input": sum(u["prompt_tokens"] for u in known) - cached,
        "cached": cached,
        "output": sum(u["completion_tokens"] for u in known),
        "unknown": len(usages) - len(known),
    }
