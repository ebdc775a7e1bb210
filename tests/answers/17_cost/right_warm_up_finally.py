# right: suppress and wait_for, and the results put in order once more

import asyncio
import contextlib

from mas_helpers import fan_out


async def warm_up(warm, jobs):
    with contextlib.suppress(Exception):
        await asyncio.wait_for(warm, timeout=None)
    results = await fan_out(dict(jobs), max_concurrency=max(1, len(jobs)))
    return {name: results[name] for name in jobs}
