# right: it adds up in a loop
def worst_case(workers, writer, usd):
    dollars = seconds = heard = 0
    for worker in workers:
        one = worker["input_tokens"] * usd["input"] + worker["max_tokens"] * usd["output"]
        dollars += one * worker["attempts"]
        seconds = max(seconds, worker["seconds"])
        heard += worker["max_tokens"]
    read = (writer["input_tokens"] + heard) * usd["input"]
    dollars += (read + writer["max_tokens"] * usd["output"]) * writer["attempts"]
    return dollars, seconds + writer["seconds"]
