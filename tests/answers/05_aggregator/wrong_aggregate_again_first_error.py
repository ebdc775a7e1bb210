# wrong: raises the first error when the second report is no better
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        first = error
    try:
        return await aggregate(f"{question}\n{first}", perspectives, aggregator)
    except UntraceableReport:
        raise first
