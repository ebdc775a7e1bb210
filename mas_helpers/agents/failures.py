"""No answer, and here is why: what counts as one, in one place, and what was paid before it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

import httpx2
from anthropic import APIError
from anthropic.types import Message
from pydantic import BaseModel

from ..bench.tracing.cost import Cost, known_cost

if TYPE_CHECKING:
    from .agent import AgentLike

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
P = ParamSpec("P")


@dataclass(frozen=True)
class PaidWork:
    """A piece of work that was done: who did it, what it was given, and what it produced.

    `reply` is the API's message and `messages` the conversation up to it; a worker that isn't an
    Agent has neither.
    """

    agent: str
    prompt: str
    answer: Any
    reply: Message | None = None
    messages: Sequence[Any] = ()

    @property
    def cost_usd(self) -> Cost:
        """Its dollars; 0.0 if no reply reports its usage. `.unknown` names a model without a known
        price.
        """
        return Cost() if self.reply is None else known_cost(self.reply)


class NoAnswer(Exception):
    """There is no answer, and the text says why.

    Every such error that our agents and systems raise is a kind of NoAnswer. `.paid` is the work
    that was done before, `.messages` the conversation of an agent with tools.
    """

    paid: Sequence[PaidWork] = ()
    messages: Sequence[Any] = ()

    @property
    def cost_usd(self) -> Cost:
        """What the work in `.paid` cost, in dollars; `.unknown` names a model without a known
        price.
        """
        return sum((part.cost_usd for part in self.paid), Cost())


# What the API, a model or the clock may do to a job; every other error is a bug. RequestError is a
# connection that breaks within a stream, which the SDK does not wrap.
FAILURES = (NoAnswer, APIError, TimeoutError, httpx2.RequestError)


def is_failure(error: BaseException) -> bool:
    """True for anything that the API, a model or the clock did; a group counts if each error in it
    does.

    False for a bug, which its author should see.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_failure, error.exceptions))
    return isinstance(error, FAILURES)


def reason_for(error: BaseException) -> str:
    """Why there is no answer, in words; never an empty text."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(dict.fromkeys(map(reason_for, error.exceptions)))
    return str(error).strip() or type(error).__name__


async def await_job(job: Awaitable[T]) -> T:
    """What the job returns; anything that the API, a model or the clock does to it is raised as one
    of FAILURES.

    So is a group of those, a job that raises CancelledError although nobody cancels it, and
    StopIteration. A bug is raised as it is.
    """
    try:
        return await job
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        reason = "it ended in CancelledError, and nobody cancelled it"
        raise _copy_notes(error, NoAnswer(reason)) from error
    except (RuntimeError, StopAsyncIteration) as error:
        stop = error if isinstance(error, StopAsyncIteration) else error.__cause__
        if not isinstance(stop, StopIteration | StopAsyncIteration):
            raise
        raise _copy_notes(error, NoAnswer(f"it ended in {type(stop).__name__}")) from stop
    except ExceptionGroup as group:
        if not is_failure(group):
            raise
        raise _copy_notes(group, NoAnswer(reason_for(group))) from group


@overload
async def answer_of(agent: AgentLike, prompt: str) -> str: ...
@overload
async def answer_of(agent: AgentLike, prompt: str, output_type: type[Model]) -> Model: ...
async def answer_of(agent: Any, prompt: str, output_type: type[Model] | None = None) -> Any:
    """What `agent.run(prompt)` returns, or with a type `agent.parse(prompt, output_type)`.

    Raises one of FAILURES for anything that the API, a model or the clock does to it, and for a
    blank text; a bug is raised as it is. The answer is noted as paid.
    """
    name: str = getattr(agent, "name", type(agent).__name__)
    with keep_paid() as paid:
        if output_type is None:
            answer = await await_job(agent.run(prompt))
            if answer is not None and not isinstance(answer, str):
                kind = type(answer).__name__
                raise TypeError(f"{name}.run gave a {kind}; it must give a text")
        else:
            answer = await await_job(agent.parse(prompt, output_type))
        if answer is None or (isinstance(answer, str) and is_blank(answer)):
            raise NoAnswer(f"{name} gave nothing")
    if not paid:
        note_paid(PaidWork(name, prompt, answer))
    return answer


def is_blank(text: str) -> bool:
    """True if nobody would see anything: only white space and invisible characters."""
    return not any(one.isprintable() and not one.isspace() for one in text)


_books: contextvars.ContextVar[tuple[list[PaidWork], ...]] = contextvars.ContextVar(
    "books", default=()
)


def note_paid(part: PaidWork) -> None:
    """Adds a piece of work to the notes of every system that it was done in."""
    for book in _books.get():
        book.append(part)


@contextlib.contextmanager
def keep_paid() -> Iterator[list[PaidWork]]:
    """The work done inside the `with` block, as it comes; an error that leaves the block carries it
    as `.paid`.
    """
    book: list[PaidWork] = []
    token = _books.set((*_books.get(), book))
    try:
        yield book
    except BaseException as error:
        error.paid = tuple(book)  # type: ignore[attr-defined]
        raise
    finally:
        with contextlib.suppress(ValueError):  # closed from another task: it ends anyway
            _books.reset(token)


def carries_paid(
    system: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same system; every error that leaves it carries the work done before it as `.paid`."""

    @functools.wraps(system)
    async def carrying(*args: P.args, **kwargs: P.kwargs) -> T:
        with keep_paid():
            return await system(*args, **kwargs)

    return carrying


def paid_before(error: BaseException) -> list[PaidWork]:
    """The work that was done before this error, wherever it is kept: in the error, in the errors of
    a group, or in its cause.
    """
    paid: list[PaidWork] = list(getattr(error, "paid", ()))
    if not paid and isinstance(error, BaseExceptionGroup):
        paid = [part for one in error.exceptions for part in paid_before(one)]
    if not paid and error.__cause__ is not None:
        paid = paid_before(error.__cause__)
    return paid


@contextlib.contextmanager
def carrying(**notes: Any) -> Iterator[None]:
    """An error that leaves the block gets these attributes: `carrying(messages=messages)`."""
    try:
        yield
    except BaseException as error:
        for name, value in notes.items():
            setattr(error, name, value)
        raise


def _copy_notes(old: BaseException, new: NoAnswer) -> NoAnswer:
    """The new error, with everything that the old one carries."""
    notes: Mapping[str, Any] = vars(old)
    for name in ("paid", "messages", "finished"):
        if name in notes:
            setattr(new, name, notes[name])
    return new
