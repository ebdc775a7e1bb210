# wrong: rounds to the nearest
def seconds_for(n, max_concurrency):
    return 4.0 * max(1, round(n / (max_concurrency or n)))
