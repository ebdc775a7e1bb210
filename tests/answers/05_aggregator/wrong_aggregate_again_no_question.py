# wrong: the second prompt has lost the question
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        return await aggregate("Fix: " + "; ".join(error.problems), perspectives, aggregator)
