# wrong: changes run in the opposite order
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
    calls, results = calls_of(message), {}

    async def go_through(queue):
        for call in queue:
            results[call.id] = await run_tool(call, kit)

    changes = [call for call in calls if call.name in changing]
    rest = [call for call in calls if call.name not in changing]
    await asyncio.gather(go_through(changes[::-1]), *(go_through([call]) for call in rest))
    return {"role": "user", "content": [results[call.id] for call in calls]}
