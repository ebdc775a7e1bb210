# wrong: always one wave more than full ones
def seconds_for(n, max_concurrency):
    return 4.0 * (n // (max_concurrency or n) + 1)
