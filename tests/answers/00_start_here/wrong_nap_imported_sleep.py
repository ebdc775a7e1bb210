# wrong: time.sleep under its own name: the kernel hangs for 90 s
from time import sleep


async def nap():
    sleep(90)
