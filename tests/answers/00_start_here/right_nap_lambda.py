# right: a lambda that hands the coroutine on
import asyncio


nap = lambda: asyncio.sleep(90)
