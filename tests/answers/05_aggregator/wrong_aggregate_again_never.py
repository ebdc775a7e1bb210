# wrong: does not ask again
from mas_helpers import aggregate


async def aggregate_again(question, perspectives, aggregator):
    return await aggregate(question, perspectives, aggregator)
