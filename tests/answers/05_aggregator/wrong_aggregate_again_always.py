# wrong: asks twice, whatever came first
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    named = ""
    try:
        await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        named = str(error)
    return await aggregate(f"{question}\n{named}", perspectives, aggregator)
