# wrong: asks again after a refusal
from mas_helpers import ReplyError, aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except (UntraceableReport, ReplyError) as error:
        return await aggregate(f"{question}\n{error}", perspectives, aggregator)
