# wrong: its seconds hold all attempts already
def worst_case(workers, writer, usd):
    heard = sum(worker["max_tokens"] for worker in workers)
    dollars = 0
    for call, more in [*((worker, 0) for worker in workers), (writer, heard)]:
        one = (call["input_tokens"] + more) * usd["input"] + call["max_tokens"] * usd["output"]
        dollars += one * call["attempts"]
    return dollars, max((w["seconds"] * w["attempts"] for w in workers), default=0) + writer[
        "seconds"
    ]
