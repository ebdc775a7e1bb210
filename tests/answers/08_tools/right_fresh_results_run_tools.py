# right: the package's run_tools does the new ones
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
    new, repeated = [], {}
    for call in calls_of(message):
        if key_of(call) in seen:
            repeated[call.id] = refuse(call)
        else:
            new.append(call)
        seen.add(key_of(call))
    answer = await run_tools(message.model_copy(update={"content": new}), kit)
    found = {result["tool_use_id"]: result for result in answer["content"]} | repeated
    return {"role": "user", "content": [found[call.id] for call in calls_of(message)]}
