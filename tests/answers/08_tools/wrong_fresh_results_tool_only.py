# wrong: looks at the tool, not at its arguments
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
        if call.name in seen:
            return refuse(call)
        seen.add(call.name)
        return await run_tool(call, kit)

    return {"role": "user", "content": await asyncio.gather(*map(one, calls_of(message)))}
