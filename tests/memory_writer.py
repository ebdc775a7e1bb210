"""A process that takes turns as fast as it can, and writes down what it has answered; it is killed
from outside (tests/test_memory.py).
"""

import os

import redis

from mas_helpers import fake_client, run
from mas_helpers.agents import HAIKU, Agent, RedisStore, Session, SQLiteStore, take_turn


def open_store(place):
    """The store at a path of SQLite, or behind a socket of Redis."""
    if place.endswith(".sock"):
        return RedisStore(redis.Redis(unix_socket_path=place))
    return SQLiteStore(place)


def write_turns(place, log, life):
    """Never returns. Each line of the log is `asks 3.17` or `answered 3.17`: life 3, turn 17."""
    store, session = open_store(place), Session("ada", f"life {life}")
    agent = Agent("desk", HAIKU, "Answer.", client=fake_client(lambda body: "Yes."))
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def answer_all():
        turn = 0
        while True:
            turn += 1
            os.write(out, f"asks {life}.{turn}\n".encode())
            await take_turn(store, session, f"{life}.{turn}", agent, nothing)
            os.write(out, f"answered {life}.{turn}\n".encode())

    run(answer_all(), clock="virtual")


async def nothing(turns, question):
    return []
