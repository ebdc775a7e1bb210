# wrong: names the first problem only
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return await aggregate(f"{question}\n{error.problems[0]}", perspectives, aggregator)
