# wrong: asks all, takes the first that has an answer
import asyncio


async def cheapest_answer(agents, prompt):
    results = await asyncio.gather(*(a.run(prompt) for a in agents), return_exceptions=True)
    for result in results:
        if isinstance(result, str):
            return result
    raise results[-1]
