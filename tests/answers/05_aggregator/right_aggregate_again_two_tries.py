# right: a loop of two tries
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    asked = question
    for last in (False, True):
        try:
            return await aggregate(asked, perspectives, aggregator)
        except UntraceableReport as error:
            if last:
                raise
            asked = question + "\nFix this: " + "; ".join(error.problems)
