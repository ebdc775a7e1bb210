"""Tempting wrong answers to the exercises of 08_tools, and what is wrong with them."""

import asyncio
import json

from mas_helpers.agents.tools import run_tool

COUNTS = {2023: 181_900, 2024: 182_400, 2025: 155_040}


def passengers(year: int) -> int | str:
    """How many passengers the Oxmere ferry carried in one year.

    Args:
        year: a calendar year, for example 2024
    """
    if year not in COUNTS:
        return f"Error: there is no count for {year}. There are: {', '.join(map(str, COUNTS))}."
    return COUNTS[year]


"""A returned text is a result like any other, whatever it says. Nothing marks it as an error: not
for the model, not in the trace, and not for code that counts how often the tool failed.

Ask back: how would a program, which does not read English, see that this call failed?
"""


async def fresh_results(message, kit, seen):
    """A call is noted when it has run.

    Calls of one message run at once, so when the second of two equal ones looks into `seen`, the
    first is still under way: both are run.

    Ask back: at which second is a call noted here, and at which does its twin look?
    """

    async def one(call):
        key = (call.name, json.dumps(call.input, sort_keys=True))
        if key in seen:
            result = {"type": "tool_result", "tool_use_id": call.id, "is_error": True}
            return result | {"content": "You have asked for that before. Use what it said."}
        result = await run_tool(call, kit)
        seen.add(key)
        return result

    calls = [block for block in message.content if block.type == "tool_use"]
    return {"role": "user", "content": await asyncio.gather(*map(one, calls))}


async def results_in_turn(message, kit, changing):
    """First those that change something, one by one, then all the others. Nothing is booked twice,
    but every look waits for bookings that it has nothing to do with.

    Ask back: which of these calls needs to wait for which?
    """
    calls = [block for block in message.content if block.type == "tool_use"]
    results = {}
    for call in calls:
        if call.name in changing:
            results[call.id] = await run_tool(call, kit)
    rest = [call for call in calls if call.name not in changing]
    answers = await asyncio.gather(*(run_tool(call, kit) for call in rest))
    results |= {call.id: answer for call, answer in zip(rest, answers, strict=True)}
    return {"role": "user", "content": [results[call.id] for call in calls]}
