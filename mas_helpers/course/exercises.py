"""Exercises: solutions checked at once, by what they do and never by an LLM's wording."""

from __future__ import annotations

import asyncio
import dis
import functools
import gc
import html
import importlib.util
import inspect
import logging
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from ..bench.time.loop import Stuck
from ..pictures.palette import PASSED, UNTRIED, WRONG
from .places import place_of_error
from .progress import link_lessons, remember
from .supervision import NoEnd, refusing, supervise

SECONDS_OF_WORK = 5.0  # of one check; a checks.py that needs more says its own

# JupyterLab would break inside words
WRAPPED = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Result:
    """What a check found: `passed` is True, False, or None for not tried yet.

    It shows the learner's value beside the expected one.
    """

    name: str
    passed: bool | None
    case: str = ""
    yours: str = ""
    expected: str = ""
    hint: str = ""
    progress: str = ""

    def __str__(self) -> str:
        if self.passed is None:
            return f"{self.name}: not tried yet"
        if self.passed:
            lines = [f"{self.name}: ✓ {self.case}"]
            if self.progress:
                lines.append(f"  {self.progress}")
            return "\n".join(lines)
        lines = [f"{self.name}: ✗ {self.case}"]
        lines += [f"  yours:    {self.yours}", f"  expected: {self.expected}"]
        if self.hint:
            lines.append(f"  hint:     {self.hint}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        colour = {None: UNTRIED, True: PASSED, False: WRONG}[self.passed]
        text = html.escape(str(replace(self, progress="")))
        if self.passed and self.progress:
            text += f"\n  {link_lessons(html.escape(self.progress))}"
        style = f"border-left:4px solid {colour};padding:4px 12px;margin:0;{WRAPPED}"
        return {"text/plain": str(self), "text/html": f'<pre style="{style}">{text}</pre>'}

    __repr__ = __str__


class Failed(Exception):
    """Raised inside a check: what the learner's code did, what was expected, and a hint."""

    def __init__(self, case: str, yours: object, expected: object, hint: str = "") -> None:
        super().__init__(case)
        self.case, self.yours, self.expected, self.hint = case, yours, expected, hint


def expect(case: str, yours: object, expected: object, hint: str = "") -> None:
    """Does nothing if both are equal; otherwise raises Failed, which shows them side by side."""
    if yours != expected:
        raise Failed(case, yours, expected, hint)


class Checks:
    """The checks of one lesson: `check = checks("01_agent")`, then `check.name(your_function)`
    gives a Result.
    """

    def __init__(self, module: ModuleType, passed: Callable[[str], str] = lambda name: "") -> None:
        self._module, self._passed = module, passed

    def __dir__(self) -> list[str]:
        return [name for name in vars(self._module) if name.startswith("check_")]

    def __getattr__(self, name: str) -> Callable[[Any], Result]:
        grade = getattr(self._module, f"check_{name}", None)
        if grade is None:
            names = ", ".join(n.removeprefix("check_") for n in dir(self))
            raise AttributeError(f"There is no check {name!r} in this lesson. There are: {names}.")

        def check(answer: Any) -> Result:
            seconds = getattr(self._module, "SECONDS_OF_WORK", SECONDS_OF_WORK)
            result = _grade(name, grade, answer, seconds)
            return replace(result, progress=self._passed(name)) if result.passed else result

        return check


def checks(lesson: str, folder: Path | str | None = None) -> Checks:
    """The checks of a lesson, from `exercises/<lesson>/checks.py` beside the notebooks.

    What a learner passes is remembered. `folder` is the one that holds the lessons' folders.
    """
    places = [Path(folder)] if folder else [Path("exercises"), Path("notebooks/exercises")]
    for place in places:
        path = place.absolute() / lesson / "checks.py"
        if path.is_file():
            return Checks(load(path), functools.partial(remember, path.parents[2], lesson))
    raise FileNotFoundError(
        f"No checks for {lesson!r} in {' or '.join(map(str, places))}. Is the folder complete?"
    )


def load(path: Path) -> ModuleType:
    """The module in a file of a lesson's exercises, `exercises/03_parallel/checks.py`."""
    name = f"{path.stem}_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Line(str):
    """A text that a cell shows without quotes."""

    def __repr__(self) -> str:
        return str(self)


async def call_async(answer: Any, *arguments: Any) -> Any:
    """What the answer returns when it is called and awaited, however it is written: `async def`, a
    method, a partial, an object, a function that returns a coroutine.

    Raises Failed if what comes back can't be awaited.
    """
    given = _call(answer, arguments)
    if inspect.isawaitable(given):
        return await given
    hint = "Begin it with `async def`."
    if inspect.isasyncgen(given) or inspect.isgenerator(given):
        hint = "A `yield` makes a generator of it: `return` what you have."
    raise Failed("what the call gives", given, Line("something to await"), hint)


def call_plain(answer: Any, *arguments: Any) -> Any:
    """What the answer returns when it is called; raises Failed if that has to be awaited."""
    given = _call(answer, arguments)
    if not inspect.isawaitable(given):
        return given
    if inspect.iscoroutine(given):
        given.close()  # else Python adds that it was never awaited
    hint = "Begin it with `def`: nothing is awaited here."
    raise Failed("what the call gives", Line("a coroutine"), Line("a result, at once"), hint)


def _call(answer: Any, arguments: tuple[Any, ...]) -> Any:
    if not callable(answer):
        hint = "Hand over the function itself, by its name."
        raise Failed("what you handed over", answer, Line("a function"), hint)
    return answer(*arguments)


def _grade(name: str, grade: Callable[[Any], str], answer: Any, seconds: float) -> Result:
    """What the check found, in the learner's terms, never a traceback.

    An untouched blank is not tried yet.
    """
    if _is_blank(answer):
        return Result(name, None)
    if inspect.iscoroutine(answer):
        answer.close()
        hint = f"Hand over the function, `async def {name}(…)`: no brackets behind it."
        return Result(name, False, "what you handed over", f"{answer.__name__}(…)", name, hint)
    with warnings.catch_warnings(record=True) as caught, _quiet_asyncio():
        warnings.simplefilter("always")
        result = _run_check(name, grade, answer, seconds)
        gc.collect()  # a coroutine that was never awaited warns when it is thrown away
    if result.passed is not False:
        return result
    never_awaited = any("never awaited" in str(warning.message) for warning in caught)
    hint = result.hint
    if any(known in result.yours for known in KNOWN_ERRORS) or result.case == NO_END:
        pass  # a run that is stopped leaves coroutines behind that nobody awaited
    elif never_awaited or re.search(r"a coroutine, \w|'coroutine' object", result.yours):
        hint = "A call was never awaited: a call of an async function does nothing until you "
        hint += "`await` it."
    elif result.yours == "None" and callable(answer):
        hint = f"Does it `return` what it has? {hint}".rstrip()
    return replace(result, hint=hint)


@contextmanager
def _quiet_asyncio() -> Iterator[None]:
    """No traceback of a task that was dropped, with its error or its open spans: the Result says
    what happened.
    """
    logs = [logging.getLogger(name) for name in ("asyncio", "opentelemetry.context")]
    before, hook = [log.disabled for log in logs], sys.unraisablehook
    for log in logs:
        log.disabled = True
    sys.unraisablehook = lambda dropped: None
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for log, was_disabled in zip(logs, before, strict=True):
            log.disabled = was_disabled


def _run_check(name: str, grade: Callable[[Any], str], answer: Any, seconds: float) -> Result:
    def work() -> Result:
        with refusing(answer, _refuse):
            return Result(name, True, grade(answer) or "")

    try:
        result, error = supervise(work, seconds, lambda: print(f"Checking {name} …", flush=True))
    except NoEnd as no_end:
        case, yours = NO_END, str(no_end)
        hint = "What ends the loops in it? An `except` inside one may catch the error that should."
        return Result(name, False, case, yours, "an end", hint)
    if isinstance(error, Failed):
        yours, expected = _side_by_side(error.yours, error.expected)
        return Result(name, False, error.case, yours, expected, error.hint)
    if isinstance(error, Stuck):
        places = re.findall(r": (\w[^\n]*, line \d+) of (?!.*\bchecks\.py)", str(error))
        case, yours = NO_END, ", ".join(["it waits", *places])
        hint = "Nothing will end that wait: no timer, no reply, no other task. What should end it?"
        return Result(name, False, case, yours, "an end", hint)
    if error and not isinstance(error, NotTried):
        case, yours = "your code raised an error", _show_error(error)
        return Result(name, False, case, yours, "no error", _hint_for(error))
    return result or Result(name, None)


def _refuse(what: str) -> None:
    if what == "input()":
        hint = "What your function needs, it is given: nobody is at the keyboard in a check."
        raise Failed("your code asks at the keyboard", Line(what), Line("no question"), hint)
    hint = "time.sleep stops the whole program, clock and all. Which sleep can be awaited?"
    expected = Line("a wait that the clock can jump over")
    raise Failed("your code really sleeps", Line(what), expected, hint)


_INSIDE = "Inside an `async def` a loop is running already: write `await …` there."
NO_END = "your code does not come to an end"
KNOWN_ERRORS = {
    "'coroutine' object is not callable": "It is a coroutine already: `await` it without brackets.",
    "cannot be called from a running event loop": _INSIDE,
    "was called inside a running coroutine": _INSIDE,
    "loop is already running": _INSIDE,
    "can't be used in 'await' expression": (
        "Behind that `await` is a plain value. A coroutine, a task or a future can be awaited."
    ),
    "cannot reuse already awaited coroutine": (
        "A coroutine runs only once: keep what its first `await` gave you."
    ),
    "Passing coroutines is forbidden": (
        "It takes tasks: make one of each coroutine with `asyncio.create_task(…)`."
    ),
}


def _hint_for(error: BaseException) -> str:
    """Where the learner's code raised this, and what to do."""
    place = place_of_error(error) or "the check"
    if isinstance(error, TypeError) and place == "the check":
        keep = "The check gives it what the blank takes: keep the first line of the blank."
        return f"It happened in the call. {keep}"
    way = "Call it by hand in a cell of its own, and look."
    if type(error) is NameError:
        way = "Import that name, or run the cell that defines it."
    elif isinstance(error, UnboundLocalError) and _was_forgotten(error):
        way = "Python forgets the name in `except … as` when that block ends: keep the error under "
        way += "another name."
    elif isinstance(error, UnboundLocalError) and "<locals>" in _raised_in(error).co_qualname:
        way = "A name that a function assigns is its own: `nonlocal` makes it the one outside."
    elif isinstance(error, asyncio.CancelledError):
        way = (
            "To await a cancelled task raises CancelledError: catch it there, or gather the tasks "
        )
        way += "with return_exceptions=True."
    elif isinstance(error, KeyError):
        way = f"Nothing is kept under {error}: ask with `in` first, or use `.get(…)`."
    elif isinstance(error, AttributeError) and isinstance(error.obj, tuple | list | dict):
        way = f"There's a {type(error.obj).__name__} there: take out what you need first."
    elif isinstance(error, SystemExit):
        way = "`exit` ends the whole program: `return` ends the function."
    for known, advice in KNOWN_ERRORS.items():
        way = advice if known in str(error) else way
    return f"It happened in {place}. {way}"


def _was_forgotten(error: UnboundLocalError) -> bool:
    """True if the name without a value is that of an `except … as`, which deletes it."""
    steps = dis.get_instructions(_raised_in(error))
    deleted = {step.argval for step in steps if step.opname == "DELETE_FAST"}
    return any(f"'{name}'" in str(error) for name in deleted)


def _raised_in(error: UnboundLocalError) -> CodeType:
    return [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)][-1]


def _show_error(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _side_by_side(yours: object, expected: object) -> tuple[str, str]:
    """Both as short texts that differ. If two values have the same text, each says its type; of
    long texts, you see the part that differs.
    """
    both = _show(yours), _show(expected)
    if both[0] == both[1]:
        both = f"{both[0]} ({type(yours).__name__})", f"{both[1]} ({type(expected).__name__})"
    same = len(os.path.commonprefix(both))
    begin = max(0, same - 40) if max(map(len, both)) > LONGEST else 0
    return _cut(both[0], begin), _cut(both[1], begin)


def _cut(text: str, begin: int) -> str:
    shown = text[begin : begin + LONGEST]
    return f"{'…' if begin else ''}{shown}{'…' if begin + LONGEST < len(text) else ''}"


def _show(value: object) -> str:
    """The value in words that mean something to a learner: no `<class …>`, no address."""
    if isinstance(value, BaseException):
        return _show_error(value)
    try:
        text = repr(value)
    except Exception:
        return f"a {type(value).__name__}"
    for pattern, words in SHOWN:
        text = pattern.sub(words, text)
    return text


LONGEST = 200
SHOWN = [
    (re.compile(r"<(?:class|enum) '(?:[^']*\.)?(\w+)'>"), r"\1"),
    (re.compile(r"<coroutine object (?:[\w<>]+\.)*(\w+)[^>]*>"), r"a coroutine, \1(…)"),
    (re.compile(r"<(?:bound method|function) (?:[\w<>]+\.)*([\w<>]+) (?:at|of) [^>]*>+"), r"\1"),
    (re.compile(r"<async_generator object [^>]*>"), "an async generator"),
    (re.compile(r"<generator object [^>]*>+"), "a generator"),
    (re.compile(r"<(?:[\w<>]+\.)*(\w+) object at 0x\w+>"), r"a \1"),
]  # fmt: skip


class NotTried(Exception):
    """Raised inside a check when the answer turns out to be blank."""


def _is_blank(answer: Any) -> bool:
    """`None`, `...`, or a function whose body is only `...`, a docstring or `pass`."""
    if answer is None or answer is ...:
        return True
    code = getattr(answer, "__code__", None)
    return code is not None and _shape(code) in _blanks()


def _shape(code: Any) -> tuple[Any, ...]:
    steps = [i for i in dis.get_instructions(code) if i.opname not in ("RESUME", "NOP", "CACHE")]
    return tuple((i.opname, i.argval if "CONST" in i.opname else None) for i in steps)


def _blanks() -> set[tuple[Any, ...]]:
    def plain() -> None: ...

    async def asynchronous() -> None: ...

    return {_shape(f.__code__) for f in (plain, asynchronous)}
