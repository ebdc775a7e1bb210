# right: keeps the problems, and asks below
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


async def aggregate_again(question, perspectives, aggregator):
    problems = []
    try:
        return await aggregate(question, perspectives, aggregator)
    except UntraceableReport as error:
        problems += error.problems
    listed = "".join(f"\n- {problem}" for problem in problems)
    return await aggregate(f"Avoid:{listed}\n\n{question}", perspectives, aggregator)
