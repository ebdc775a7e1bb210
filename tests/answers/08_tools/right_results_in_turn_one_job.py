# right: one job goes through all that change something
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
    results = {}

    async def go_through(calls):
        for call in calls:
            results[call.id] = await run_tool(call, kit)

    calls = calls_of(message)
    queues = [[call for call in calls if call.name in changing]]
    queues += [[call] for call in calls if call.name not in changing]
    await asyncio.gather(*map(go_through, queues))
    return {"role": "user", "content": [results[call.id] for call in calls]}
