# right: a plain function that hands a coroutine on
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


def fresh_results(message, kit, seen):
    async def all_of_them():
        jobs = []
        for call in calls_of(message):
            old = key_of(call) in seen
            seen.add(key_of(call))
            jobs.append(asyncio.sleep(0, refuse(call)) if old else run_tool(call, kit))
        return {"role": "user", "content": await asyncio.gather(*jobs)}

    return all_of_them()
