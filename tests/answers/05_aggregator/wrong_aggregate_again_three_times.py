# wrong: asks up to three times
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    asked = question
    for _ in range(2):
        try:
            return await aggregate(asked, perspectives, aggregator)
        except UntraceableReport as error:
            asked = f"{question}\n{error}"
    return await aggregate(asked, perspectives, aggregator)
