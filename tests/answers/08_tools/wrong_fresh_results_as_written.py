# wrong: the same arguments in another order are another call
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


async def fresh_results(message, kit, seen):
    async def one(call):
        key = call.name, json.dumps(call.input)
        if key in seen:
            return refuse(call)
        seen.add(key)
        return await run_tool(call, kit)

    return {"role": "user", "content": await asyncio.gather(*map(one, calls_of(message)))}
