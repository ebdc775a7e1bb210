# wrong: it reads every attempt's text, though one answer gets to it
def worst_case(workers, writer, usd):
    heard = sum(w["max_tokens"] * w["attempts"] for w in workers)
    dollars = 0
    for call, more in [*((worker, 0) for worker in workers), (writer, heard)]:
        one = (call["input_tokens"] + more) * usd["input"] + call["max_tokens"] * usd["output"]
        dollars += one * call["attempts"]
    return dollars, max((w["seconds"] for w in workers), default=0) + writer["seconds"]
