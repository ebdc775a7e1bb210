# right: each worker takes the seat that is free first
import heapq


def seconds_for(n, max_concurrency):
    seats = [0.0] * min(n, n if max_concurrency is None else max_concurrency)
    for _ in range(n):
        heapq.heapreplace(seats, seats[0] + 4.0)
    return max(seats)
