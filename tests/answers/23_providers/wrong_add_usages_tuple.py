# wrong: four numbers without their names
def add_usages(usages):
    known = [u for u in usages if u]
    cached = sum((u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0 for u in known)
    fresh = sum(u["prompt_tokens"] for u in known) - cached
    return fresh, cached, sum(u["completion_tokens"] for u in known), len(usages) - len(known)
