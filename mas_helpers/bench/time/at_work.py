"""Which threads of this process are at work, judged by the line where each of them is."""

from __future__ import annotations

import dis
import functools
import queue
import sys
import threading
from collections.abc import Callable, Container, Iterator
from types import CodeType, FrameType
from typing import Any, Literal

State = Literal["rests", "may rest", "works"]
# The thread, its innermost function, the line there: the instruction of one and the same call is
# another one once Python 3.11 has seen it a few times.
Place = tuple[int, int, int]

# What a thread calls while it waits for another one, or for somebody outside to ask for something.
# Whatever is not here (a sleep, a query, a reply of a server) is work that will end.
WAITS = {"acquire", "get", "wait", "join", "_accept", "select", "poll", "control", "proxy"}


def frames() -> dict[int, FrameType]:
    """The innermost frame of each thread; empty if Python doesn't say."""
    current_frames: Callable[[], dict[int, FrameType]] = getattr(sys, "_current_frames", dict)
    return current_frames()


# From 3.13 on, what is put into a SimpleQueue goes to the thread that waits: the queue is empty,
# and the thread is where it was until it gets its turn.
HANDS_OVER = sys.version_info >= (3, 13)


def places(but: Container[int]) -> dict[Place, FrameType | None]:
    """Where each thread is, leaving these out; None if Python doesn't say."""
    found: dict[Place, FrameType | None] = {
        (ident, id(frame.f_code), frame.f_lineno): frame
        for ident, frame in frames().items()
        if ident not in but
    }
    if not hasattr(sys, "_current_frames"):
        idents = [thread.ident for thread in threading.enumerate()]
        found = {(ident, 0, 0): None for ident in idents if ident and ident not in but}
    return found


class Background:
    """The threads that the process doesn't wait for, and where they are now: a kernel's, a
    debugger's.

    A thread that is still there later hasn't been asked for anything.
    """

    def __init__(self, but: Container[int] = ()) -> None:
        foreground = {thread.ident for thread in threading.enumerate() if not thread.daemon}
        self._places = {
            place
            for place, frame in places(but).items()
            if place[0] not in foreground and not may_be_handed(frame)
        }
        self._idents = {ident for ident, _, _ in self._places}

    def states(self, but: Container[int]) -> Iterator[tuple[Place, FrameType | None, State]]:
        """Where each other thread stands now, apart from those, and whether it is at work."""
        for place, frame in places(but).items():
            if place in self._places and not was_given_work(frame):
                continue
            state = state_of(place[0], frame)
            if state == "works" and place[0] in self._idents and sleeps(frame):
                state = "may rest"  # it was there before, and looked in as this began
            yield place, frame, state


def was_given_work(frame: FrameType | None) -> bool:
    """True for a thread that is where it was, but has something to do by now."""
    if frame is None:
        return False
    if frame.f_code.co_name == "_recv":
        return bool(_pool_answers(frame))
    return _called_at(frame.f_code, frame.f_lasti) in ("get", "next") and _has_an_item(frame)


def may_be_handed(frame: FrameType | None) -> bool:
    """True if a thread waits in a way that hides what it was just given."""
    if not HANDS_OVER or frame is None or frame.f_code is threading.Condition.wait.__code__:
        return False
    return _called_at(frame.f_code, frame.f_lasti) in ("get", "next") and bool(_queues(frame))


def sleeps(frame: FrameType | None) -> bool:
    """True for a thread in a `sleep`, like one that looks in from time to time."""
    return frame is not None and _called_at(frame.f_code, frame.f_lasti) == "sleep"


def state_of(ident: int, frame: FrameType | None) -> State:
    """`"rests"` if the thread wasn't given anything to work on, `"works"` if it runs or waits for
    something that comes by itself, `"may rest"` if its line doesn't tell, or this Python doesn't
    give the line.
    """
    if frame is None:
        return "may rest"
    if frame.f_code is threading.Condition.wait.__code__:
        return _at_condition(ident, frame)
    if frame.f_code.co_name == "_recv" and (answers := _pool_answers(frame)) is not None:
        return "works" if answers else "rests"
    called = _called_at(frame.f_code, frame.f_lasti)
    if called is None:
        return "may rest"
    if called == "next" and _queues(frame):  # for item in iter(tasks.get, None)
        called = "get"
    if called not in WAITS:
        return "may rest" if _serves_requests(frame) else "works"
    if called == "get" and _has_an_item(frame):
        return "works"
    if called == "get":
        return "may rest" if may_be_handed(frame) else "rests"
    return "may rest"


def _at_condition(ident: int, frame: FrameType) -> State:
    names = frame.f_locals
    waiter, waiters = names.get("waiter"), getattr(names.get("self"), "_waiters", None)
    if waiters is None:
        return "may rest"
    if waiter is None or waiter not in waiters:  # it was notified
        return "works"
    asked_by = frame.f_back and frame.f_back.f_back  # Event.wait, and who called that
    if asked_by is not None and asked_by.f_code is threading.Thread.start.__code__:
        return "works"  # the thread that it starts is not to be seen yet
    if names.get("timeout") is None:
        return "rests"
    # a daemon that looks in from time to time, or a timer of somebody's
    foreground = any(t.ident == ident and not t.daemon for t in threading.enumerate())
    return "works" if foreground else "may rest"


def _has_an_item(frame: FrameType) -> bool:
    """True if a queue that the frame could be reading isn't empty."""
    return not all(one.empty() for one in _queues(frame))


def _queues(frame: FrameType) -> list[queue.SimpleQueue[Any]]:
    owner = frame.f_locals.get("self")
    near = [*frame.f_locals.values(), *getattr(owner, "__dict__", {}).values()]
    return [one for one in near if isinstance(one, queue.SimpleQueue)]


def _pool_answers(frame: FrameType) -> Any:
    """What a `multiprocessing.Pool` still waits for; None in any other thread."""
    outer: FrameType | None = frame
    while outer is not None and outer.f_code.co_name != "_handle_results":
        outer = outer.f_back
    return None if outer is None else outer.f_locals.get("cache")


def _serves_requests(frame: FrameType) -> bool:
    """True if a server of the standard library is reading the next request of a connection."""
    outer: FrameType | None = frame
    names = set()
    while outer is not None:
        names.add(outer.f_code.co_name)
        outer = outer.f_back
    return {"readinto", "handle_one_request"} <= names


@functools.lru_cache(maxsize=10_000)
def _called_at(code: CodeType, instruction: int) -> str | None:
    """The name of the function that is called at this instruction, `""` if there's none; None if
    the code doesn't say which instructions are one call (PYTHONNODEBUGRANGES, another Python).
    """
    name = ""
    steps = list(dis.get_instructions(code))
    here = next((step for step in steps if step.offset == instruction), None)
    positions = getattr(here, "positions", None)
    if here is None or positions is None or positions.col_offset is None:
        return None
    if here.opname == "BEFORE_WITH":
        return "acquire"
    if here.opname == "FOR_ITER":
        return "next"
    if not here.opname.startswith(("CALL", "PRECALL")):
        return ""
    begin = positions.lineno, positions.col_offset
    for step in steps:
        if step.offset >= instruction:
            break
        at = step.positions and (step.positions.lineno, step.positions.col_offset)
        if at == begin and step.opname.startswith("LOAD_") and isinstance(step.argval, str):
            name = step.argval
    return name
