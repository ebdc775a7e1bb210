# right: patterns over the usage
def add_usages(usages):
    result = {"unknown": 0, "output": 0, "cached": 0, "input": 0}
    for usage in usages:
        match usage:
            case None:
                result["unknown"] += 1
                continue
            case {"prompt_tokens_details": {"cached_tokens": int(cached)}}:
                pass
            case _:
                cached = 0
        result["cached"] += cached
        result["input"] += usage["prompt_tokens"] - cached
        result["output"] += usage["completion_tokens"]
    return result
