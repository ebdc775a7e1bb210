# right: divmod, and one wave more for the rest
def seconds_for(n, max_concurrency):
    if not max_concurrency:
        max_concurrency = n
    full, rest = divmod(n, max_concurrency)
    return 4.0 * (full + (rest > 0))
