# wrong: a call that failed may be asked for again
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
    jobs, keys = [], []
    for call in calls_of(message):
        jobs.append(asyncio.sleep(0, refuse(call)) if key_of(call) in seen else run_tool(call, kit))
        keys.append(key_of(call))
        seen.add(key_of(call))
    content = await asyncio.gather(*jobs)
    for key, result in zip(keys, content):
        if result.get("is_error") and "broken" in result["content"]:
            seen.discard(key)
    return {"role": "user", "content": content}
