# right: a partial of the sleep itself
import asyncio
from functools import partial

nap = partial(asyncio.sleep, 90)
