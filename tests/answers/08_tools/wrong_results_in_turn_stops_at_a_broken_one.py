# wrong: what comes after a broken change is not run
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

    async def changes():
        broken = False
        for call in [call for call in calls if call.name in changing]:
            results[call.id] = refuse(call) if broken else await run_tool(call, kit)
            broken = broken or results[call.id].get("is_error", False)

    async def other(call):
        results[call.id] = await run_tool(call, kit)

    await asyncio.gather(changes(), *(other(c) for c in calls if c.name not in changing))
    return {"role": "user", "content": [results[call.id] for call in calls]}
