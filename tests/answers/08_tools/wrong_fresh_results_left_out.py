# wrong: no result for a repetition
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
    new = [call for call in calls_of(message) if key_of(call) not in seen]
    seen.update(map(key_of, new))
    return await run_tools(message.model_copy(update={"content": new}), kit)
