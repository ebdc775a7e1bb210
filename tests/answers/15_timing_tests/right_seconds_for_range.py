# right: the number of waves, counted
seconds_for = lambda n, max_concurrency: 4.0 * len(range(0, n, max_concurrency or n))
