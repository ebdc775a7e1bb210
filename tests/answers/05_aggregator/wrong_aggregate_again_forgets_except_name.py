# wrong: uses the name of the error after its except
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        pass
    return await aggregate(f"{question}\n{error}", perspectives, aggregator)
