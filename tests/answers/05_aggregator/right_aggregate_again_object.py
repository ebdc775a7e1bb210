# right: an object with an async __call__
from mas_helpers import aggregate
from mas_helpers.agents import UntraceableReport


class Again:
    words = "These were wrong:"

    async def __call__(self, question, perspectives, aggregator):
        try:
            return await aggregate(question, perspectives, aggregator)
        except UntraceableReport as error:
            said = " ".join([self.words, *error.problems])
            return await aggregate(f"{question} {said}", perspectives, aggregator)


aggregate_again = Again()
