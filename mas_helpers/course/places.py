"""Where in the learner's own code something happened."""

from __future__ import annotations

import asyncio
import os
import sysconfig
from pathlib import Path
from types import FrameType
from typing import Any

# Python's own modules, installed packages, and ours: what is elsewhere, the learner wrote.
MACHINERY = tuple(
    os.path.join(os.path.normcase(folder), "")
    for folder in {
        *(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")),
        str(Path(__file__).parents[1]),
    }
)


def place_of_error(error: BaseException) -> str | None:
    """The learner's innermost line that the error passed through, `"nap, line 2"`; None if there's
    none.
    """
    place, tb = None, error.__traceback__
    while tb:
        place = _place_in(tb.tb_frame, tb.tb_lineno) or place
        tb = tb.tb_next
    return place


def place_at_work(frame: FrameType | None) -> str | None:
    """The learner's innermost line below this frame that is at work, or where one of the coroutines
    of its event loop waits; None if there's none.
    """
    loops = []
    while frame:
        if place := _place_in(frame, frame.f_lineno):
            return place
        if isinstance(loop := frame.f_locals.get("self"), asyncio.AbstractEventLoop):
            loops.append(loop)
        frame = frame.f_back
    tasks = [task for loop in loops for task in asyncio.all_tasks(loop)]
    return next(filter(None, (_place_of_waiting(task.get_coro()) for task in tasks)), None)


def _place_of_waiting(coroutine: Any) -> str | None:
    place = None
    while coroutine is not None:
        if frame := getattr(coroutine, "cr_frame", None):
            place = _place_in(frame, frame.f_lineno) or place
        coroutine = getattr(coroutine, "cr_await", None)
    return place


def _place_in(frame: FrameType, line: int) -> str | None:
    file = os.path.normcase(frame.f_code.co_filename)
    is_check = frame.f_globals.get("__name__", "").startswith("checks_")
    if is_check or file.startswith((*MACHINERY, "<frozen")):
        return None
    names = [part for part in frame.f_code.co_qualname.split(".") if not part.startswith("<")]
    return f"{names[-1] if names else frame.f_code.co_name}, line {line}"
