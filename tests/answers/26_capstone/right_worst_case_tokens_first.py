# right: first all tokens, then the dollars
def worst_case(workers, writer, usd):
    heard = sum(one["max_tokens"] for one in workers)
    calls = [*workers, {**writer, "input_tokens": writer["input_tokens"] + heard}]
    tokens_in = sum(one["input_tokens"] * one["attempts"] for one in calls)
    tokens_out = sum(one["max_tokens"] * one["attempts"] for one in calls)
    slowest = max([one["seconds"] for one in workers] or [0])
    return tokens_in * usd["input"] + tokens_out * usd["output"], slowest + writer["seconds"]
