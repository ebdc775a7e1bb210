# wrong: a loop that looks at the clock and never lets go
import time


async def nap():
    begin = time.monotonic()
    while time.monotonic() - begin < 90:
        pass
