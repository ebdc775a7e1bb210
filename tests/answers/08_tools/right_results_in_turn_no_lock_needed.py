# right: a null context where nothing changes
import asyncio
import contextlib
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
    lock = asyncio.Lock()

    async def one(call):
        async with lock if call.name in changing else contextlib.nullcontext():
            return await run_tool(call, kit)

    content = list(await asyncio.gather(*(one(call) for call in calls_of(message))))
    return dict(role="user", content=content)
