# right: the floor of the negative rounds up
def seconds_for(n, max_concurrency):
    seats = n if max_concurrency is None else max_concurrency
    return -(-n // seats) * 4.0
