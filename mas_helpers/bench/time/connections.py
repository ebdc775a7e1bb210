"""Which connections of a loop may still wake it: those where the other side owes an answer."""

from __future__ import annotations

import os
import selectors
import socket
import stat
import sys
from time import perf_counter_ns
from typing import Any

from .at_work import State

PATIENCE_NS = 10_000_000_000  # who has not answered by then is not about to


class Connections:
    """What is known about each file descriptor that the loop watches.

    A connection that this side opened owes an answer once something was sent on it, until something
    comes back. A peer served by this same loop owes nothing: what it does shows in its own tasks.
    """

    def __init__(self) -> None:
        self._asked_ns: dict[int, int] = {}  # by file descriptor: when something was sent last
        self._seen_ns: dict[int, int] = {}  # since when one is watched of which nothing is known
        self._known: dict[int, Any] = {}
        self._peers: dict[int, Any] = {}  # of connections that this loop opened
        self._own_names: dict[int, Any] = {}  # of those that were opened to it
        self._served: set[Any] = set()  # addresses at which this loop answers

    def add(self, transport: Any, sock: Any, *, accepted: bool) -> None:
        """A connection that was opened to this loop or by it."""
        fd = sock.fileno()
        self._known[fd] = transport
        self._seen_ns.pop(fd, None)
        self._asked_ns.pop(fd, None)
        self._peers.pop(fd, None)
        self._own_names.pop(fd, None)
        if accepted:
            self._own_names[fd] = _name(sock.getsockname)
            self._served.add(_name(sock.getsockname))
        else:
            self._peers[fd] = _name(sock.getpeername)
            transport.write = self._noting(fd, transport.write)
            transport.writelines = self._noting(fd, transport.writelines)

    def _noting(self, fd: int, write: Any) -> Any:
        def noted(data: Any) -> Any:
            self._asked_ns[fd] = perf_counter_ns()
            return write(data)

        return noted

    def heard(self, fd: int) -> None:
        """Something came, so the loop doesn't wait for this one."""
        self._asked_ns.pop(fd, None)

    def listens(self, key: selectors.SelectorKey) -> bool:
        """True if somebody may still connect."""
        reader = key.data[0] if key.data else None
        return getattr(getattr(reader, "_callback", None), "__name__", "") == "_accept_connection"

    def state_of(self, key: selectors.SelectorKey) -> State:
        """Whether something is about to come from there."""
        if key.events & selectors.EVENT_WRITE:
            return "works"
        if key.fd in self._known and self._known[key.fd].is_closing():
            del self._known[key.fd]
        if key.fd in self._known:
            asked_ns = self._asked_ns.get(key.fd)
            if self._peers.get(key.fd) in self._served:
                return "rests"
            return self._owes(asked_ns, self._between_answers(key.fd))
        if self.listens(key):
            return "rests"
        if not (_is_connected(key.fd, self._served) or _has_children()):
            return "may rest"
        since = self._seen_ns.setdefault(key.fd, perf_counter_ns())
        return self._owes(since, "may rest")

    def _between_answers(self, fd: int) -> State:
        """An answer may come in several pieces, and a visitor may ask again; except one that is a
        client of this same loop.
        """
        visited_from_here = self._own_names.get(fd) in self._peers.values()
        return "rests" if visited_from_here else "may rest"

    def gone(self, fd: int) -> None:
        """The loop doesn't watch it any more."""
        self._seen_ns.pop(fd, None)

    def _owes(self, since_ns: int | None, otherwise: State) -> State:
        if since_ns is None or perf_counter_ns() - since_ns > PATIENCE_NS:
            return otherwise
        return "works"


def _name(ask: Any) -> Any:
    try:
        return ask()
    except OSError:
        return None


def _has_children() -> bool:
    """True where a process of `multiprocessing` is at the other end of some pipe."""
    loaded = sys.modules.get("multiprocessing.process")
    return loaded is not None and bool(loaded.active_children())


def _is_connected(fd: int, served: set[Any]) -> bool:
    """True for a socket of a library (a database's, say) that has a peer outside of this loop."""
    try:
        if not stat.S_ISSOCK(os.fstat(fd).st_mode):
            return False
        copy = socket.socket(fileno=os.dup(fd))
    except OSError:
        return False
    with copy:
        peer = _name(copy.getpeername)
    return bool(peer) and peer not in served
