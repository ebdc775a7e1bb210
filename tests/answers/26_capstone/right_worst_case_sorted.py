# right: the slowest is the last of the sorted ones
def cost(call, usd, more=0):
    return call["attempts"] * (
        usd["input"] * (call["input_tokens"] + more) + usd["output"] * call["max_tokens"]
    )


def worst_case(workers, writer, usd):
    seconds = sorted(worker["seconds"] for worker in workers)[-1:] + [writer["seconds"]]
    texts = sum(worker["max_tokens"] for worker in workers)
    bills = [cost(worker, usd) for worker in workers] + [cost(writer, usd, texts)]
    return sum(bills), sum(seconds)
