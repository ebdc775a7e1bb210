"""Solutions to the exercises of 08_tools."""

import asyncio
import json

from anthropic.lib.tools import ToolError

from mas_helpers.agents.tools import run_tool

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int:
    """How many passengers the Oxmere ferry carried in one year.

    Args:
        year: a calendar year, for example 2024
    """
    if year not in COUNTS:
        raise ToolError(f"There is no count for {year}. There are: {', '.join(map(str, COUNTS))}.")
    return COUNTS[year]


async def fresh_results(message, kit, seen):
    async def one(call, repeated):
        if repeated:
            refusal = (
                f"You asked {call.name} for that before. "
                "Use what it said, or ask for something else."
            )
            return {
                "type": "tool_result",
                "tool_use_id": call.id,
                "content": refusal,
                "is_error": True,
            }
        return await run_tool(call, kit)

    jobs = []
    for call in [block for block in message.content if block.type == "tool_use"]:
        key = (call.name, json.dumps(call.input, sort_keys=True))
        jobs.append(one(call, key in seen))
        seen.add(key)
    return {"role": "user", "content": await asyncio.gather(*jobs)}


async def results_in_turn(message, kit, changing):
    lock = asyncio.Lock()

    async def one(call):
        if call.name not in changing:
            return await run_tool(call, kit)
        async with lock:
            return await run_tool(call, kit)

    calls = [block for block in message.content if block.type == "tool_use"]
    return {"role": "user", "content": await asyncio.gather(*map(one, calls))}
