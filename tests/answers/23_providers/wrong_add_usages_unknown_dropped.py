# wrong: a call without usage is passed over in silence
def add_usages(usages):
    known = [u for u in usages if u]
    cached = sum((u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0 for u in known)
    return {
        "input": sum(u["prompt_tokens"] for u in known) - cached,
        "cached": cached,
        "output": sum(u["completion_tokens"] for u in known),
        "unknown": 0,
    }
