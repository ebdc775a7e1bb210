# wrong: cached tokens are in the input as well
def add_usages(usages):
    known = [u for u in usages if u]
    cached = sum((u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0 for u in known)
    return {"input": sum(u["prompt_tokens"] for u in known), "cached": cached,
            "output": sum(u["completion_tokens"] for u in known), "unknown": len(usages) - len(known)}  # fmt: skip
