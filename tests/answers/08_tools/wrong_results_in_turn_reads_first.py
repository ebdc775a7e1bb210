# wrong: changes begin when all the others are done
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
    reads = [call for call in calls if call.name not in changing]
    for call, result in zip(reads, await asyncio.gather(*(run_tool(c, kit) for c in reads))):
        results[call.id] = result
    for call in calls:
        if call.name in changing:
            results[call.id] = await run_tool(call, kit)
    return {"role": "user", "content": [results[call.id] for call in calls]}
