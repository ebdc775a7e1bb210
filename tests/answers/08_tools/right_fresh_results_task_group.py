# right: a TaskGroup, and the same set
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
    results = {}
    async with asyncio.TaskGroup() as group:
        for call in calls_of(message):
            if key_of(call) in seen:
                results[call.id] = refuse(call)
            else:
                results[call.id] = group.create_task(run_tool(call, kit))
            seen.add(key_of(call))
    content = [r if isinstance(r, dict) else r.result() for r in results.values()]
    return {"role": "user", "content": content}
