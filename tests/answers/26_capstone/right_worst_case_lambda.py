# right: a lambda, and a list
worst_case = lambda workers, writer, usd: [
    sum(
        one["attempts"] * (one["input_tokens"] * usd["input"] + one["max_tokens"] * usd["output"])
        for one in [*workers, writer]
    )
    + writer["attempts"] * usd["input"] * sum(one["max_tokens"] for one in workers),
    max((one["seconds"] for one in workers), default=0) + writer["seconds"],
]
