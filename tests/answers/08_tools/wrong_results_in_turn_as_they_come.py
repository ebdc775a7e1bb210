# wrong: results in the order in which they were done
import asyncio
import json

from mas_helpers.agents.tools import run_tool, run_tools


def key_of(call):
    return call.name, json.dumps(call.input, sort_keys=True)


def calls_of(message):
    return [block for block in message.content if block.type == "tool_use"]


def refuse(call):
    text = "You asked for that before."
    return {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": True}


async def results_in_turn(message, kit, changing):
    lock, content = asyncio.Lock(), []

    async def one(call):
        if call.name in changing:
            async with lock:
                content.append(await run_tool(call, kit))
        else:
            content.append(await run_tool(call, kit))

    await asyncio.gather(*map(one, calls_of(message)))
    return {"role": "user", "content": content}
