# wrong: a server that leaves out the details breaks it
def add_usages(usages):
    known = [u for u in usages if u]
    cached = sum(u["prompt_tokens_details"]["cached_tokens"] for u in known)
    return {
        "input": sum(u["prompt_tokens"] for u in known) - cached,
        "cached": cached,
        "output": sum(u["completion_tokens"] for u in known),
        "unknown": len(usages) - len(known),
    }
