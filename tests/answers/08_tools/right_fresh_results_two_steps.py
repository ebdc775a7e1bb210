# right: sorts out first, then runs what is new, then puts all in order
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
    new = []
    for call in calls_of(message):
        if key_of(call) not in seen:
            seen.add(key_of(call))
            new.append(call)
    done = await asyncio.gather(*(run_tool(call, kit) for call in new))
    by_id = {result["tool_use_id"]: result for result in done}
    content = [by_id.get(call.id) or refuse(call) for call in calls_of(message)]
    return {"role": "user", "content": content}
