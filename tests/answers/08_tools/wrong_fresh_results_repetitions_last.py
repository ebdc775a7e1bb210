# wrong: the results of repetitions come behind the others
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
    new, old = [], []
    for call in calls_of(message):
        (old if key_of(call) in seen else new).append(call)
        seen.add(key_of(call))
    done = await asyncio.gather(*(run_tool(call, kit) for call in new))
    return {"role": "user", "content": [*done, *map(refuse, old)]}
