# right: shows the first report again as well
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        before = error.report.model_dump_json()
        wrong = "\n".join(error.problems)
    return await aggregate(
        f"{question}\nYou wrote {before}\nwith\n{wrong}", perspectives, aggregator
    )
