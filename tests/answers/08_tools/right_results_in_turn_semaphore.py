# right: a semaphore with one seat, in a TaskGroup
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
    seat = asyncio.Semaphore(1)

    async def seated(call):
        async with seat:
            return await run_tool(call, kit)

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(seated(call) if call.name in changing else run_tool(call, kit))
            for call in calls_of(message)
        ]
    return {"role": "user", "content": [task.result() for task in tasks]}
