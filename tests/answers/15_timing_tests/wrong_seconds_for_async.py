# wrong: async def, where nothing is awaited
import math


async def seconds_for(n, max_concurrency):
    return 4.0 * math.ceil(n / (max_concurrency or n))
