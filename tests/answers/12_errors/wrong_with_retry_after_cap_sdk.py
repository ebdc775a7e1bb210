# wrong: leaves it to the SDK
import asyncio


async def with_retry_after_cap(agent, prompt, cap):
    async with asyncio.timeout(cap):
        return await agent.run(prompt)
