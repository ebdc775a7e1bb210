"""Tempting wrong answers to the exercises of 07_tools, and what is wrong with them."""

import asyncio
import json

from mas_helpers.agents import find_unsupported
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


def sourced(facts, documents, refused):
    """The line begins with the kind, but the kind ends at the comma.

    Refuse `Report`, and a *Report card* is refused as well: a good source is lost, and the reason
    says something wrong of it.

    Ask back: which other kinds begin with the same word? Up to where does the kind go?
    """
    reasons = find_unsupported(facts, documents)
    for i, fact in enumerate(facts):
        if i not in reasons:
            line = documents[fact.document].splitlines()[2].casefold()
            for kind in refused:
                if line.startswith(kind.casefold()):
                    reasons[i] = f"{fact.document} is no source: {kind}"
    return reasons


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
