"""Finds the faults that hit nothing: a test under a fault that never happened proves little."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

_watched: contextvars.ContextVar[list[Any] | None] = contextvars.ContextVar("faults", default=None)


@contextlib.contextmanager
def idle_faults() -> Iterator[list[str]]:
    """After the `with` block: which faults of the clients used in it hit nothing, in words:
    `["refused: sumary"]`.
    """
    transports: list[Any] = []
    never_hit: list[str] = []
    token = _watched.set(transports)
    try:
        yield never_hit
    finally:
        _watched.reset(token)
        hit = {id(fault) for transport in transports for fault in transport.hit}
        listed = {id(fault): fault for transport in transports for fault in transport.listed}
        never_hit += [str(fault) for key, fault in listed.items() if key not in hit]


def watch_idle_faults(transport: Any) -> None:
    """Adds this transport's faults to those that the block around it watches."""
    transports = _watched.get()
    if transports is not None and all(transport is not one for one in transports):
        transports.append(transport)
