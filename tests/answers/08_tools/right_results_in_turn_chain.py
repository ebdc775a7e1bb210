# right: each waits for the task of the one before
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
    async def after(task, call):
        if task:
            await task
        return await run_tool(call, kit)

    last, tasks = None, []
    for call in calls_of(message):
        if call.name in changing:
            last = asyncio.create_task(after(last, call))
            tasks.append(last)
        else:
            tasks.append(asyncio.create_task(run_tool(call, kit)))
    return {"role": "user", "content": [await task for task in tasks]}
