# wrong: a lock for each tool, so two tools change at once
import asyncio
import json
from collections import defaultdict

from mas_helpers.agents.tools import run_tool, run_tools


def key_of(call):
    return call.name, json.dumps(call.input, sort_keys=True)


def calls_of(message):
    return [block for block in message.content if block.type == "tool_use"]


def refuse(call):
    text = "You asked for that before."
    return {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": True}


async def results_in_turn(message, kit, changing):
    locks = defaultdict(asyncio.Lock)

    async def one(call):
        if call.name not in changing:
            return await run_tool(call, kit)
        async with locks[call.name]:
            return await run_tool(call, kit)

    return {"role": "user", "content": await asyncio.gather(*map(one, calls_of(message)))}
