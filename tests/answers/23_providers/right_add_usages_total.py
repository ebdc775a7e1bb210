# right: the input from the total of each call
def add_usages(usages):
    known = [u for u in usages if u is not None]
    cached = sum(((u.get("prompt_tokens_details") or {}).get("cached_tokens") or 0) for u in known)
    output = sum(u["completion_tokens"] for u in known)
    total = sum(u["total_tokens"] for u in known)
    return dict(
        input=total - output - cached,
        cached=cached,
        output=output,
        unknown=sum(u is None for u in usages),
    )
