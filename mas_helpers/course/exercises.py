"""Exercises: guesses compared, solutions checked at once, by what they do and never by an LLM's
wording.
"""

from __future__ import annotations

import dis
import functools
import gc
import html
import importlib.util
import inspect
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from ..pictures.palette import PASSED, UNTRIED, WRONG
from .progress import remember

# JupyterLab would break inside words
WRAPPED = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"


@dataclass(frozen=True)
class Result:
    """What a check found: `passed` is True, False, or None for not tried yet.

    Yours stands beside what was expected.
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
        text = html.escape(str(self))
        style = f"border-left:4px solid {colour};padding:4px 12px;margin:0;{WRAPPED}"
        return {"text/plain": str(self), "text/html": f'<pre style="{style}">{text}</pre>'}

    __repr__ = __str__


class Failed(Exception):
    """Raised inside a check: what the learner's code did, what was expected, and a hint."""

    def __init__(self, case: str, yours: object, expected: object, hint: str = "") -> None:
        super().__init__(case)
        self.case, self.yours, self.expected, self.hint = case, yours, expected, hint


def expect(case: str, yours: object, expected: object, hint: str = "") -> None:
    """Nothing where both are equal; else Failed, which shows them side by side."""
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
            result = _grade(name, grade, answer)
            return replace(result, progress=self._passed(name)) if result.passed else result

        return check


def checks(lesson: str, folder: Path | str | None = None) -> Checks:
    """The checks of a lesson, from `exercises/<lesson>/checks.py` beside the notebooks.

    What passes is remembered there. `folder` is the one that holds the lessons' folders.
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


def compare(guess: Any, measured: Any, unit: str = "") -> Line:
    """One line that sets your guess beside what was measured: `'you said 12 · it was 4.0 s'`."""
    yours = "you did not guess" if guess is None else f"you said {guess}"
    outcome = f"{measured} {unit}" if unit else measured
    return Line(f"{yours} · it was {outcome}")


class Line(str):
    """A text that a cell shows without quotes."""

    def __repr__(self) -> str:
        return str(self)


def expect_async(function: object) -> None:
    """Nothing for a coroutine function; else Failed, which says what to hand over or to write."""
    name = getattr(function, "__name__", type(function).__name__)
    if not inspect.iscoroutinefunction(function):
        yours, expected = Line(f"def {name}"), Line(f"async def {name}")
        raise Failed("what you handed over", yours, expected, "Begin it with `async def`.")


def _grade(name: str, grade: Callable[[Any], str], answer: Any) -> Result:
    """What the check found, in the learner's terms, never a traceback.

    An untouched blank is not tried yet.
    """
    if _is_blank(answer):
        return Result(name, None)
    if inspect.iscoroutine(answer):
        answer.close()
        hint = f"Hand over the function, `async def {name}(…)`: no brackets behind it."
        return Result(name, False, "what you handed over", f"{answer.__name__}(…)", name, hint)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = _run_check(name, grade, answer)
        gc.collect()  # a coroutine that was never awaited warns when it is thrown away
    if result.passed is not False:
        return result
    never_awaited = any("never awaited" in str(warning.message) for warning in caught)
    hint = result.hint
    if "'coroutine' object is not callable" in result.yours:
        hint = "It is a coroutine already: `await` it without brackets."
    elif never_awaited or "'coroutine' object" in result.yours:
        hint = "A call was never awaited: a call of an async function does nothing until you "
        hint += "`await` it."
    elif result.yours == "None" and inspect.isfunction(answer):
        hint = f"Does it `return` what it has? {hint}".rstrip()
    return replace(result, hint=hint)


def _run_check(name: str, grade: Callable[[Any], str], answer: Any) -> Result:
    try:
        return Result(name, True, grade(answer) or "")
    except Failed as failed:
        yours, expected = _shorten(failed.yours), _shorten(failed.expected)
        return Result(name, False, failed.case, yours, expected, failed.hint)
    except NotTried:
        return Result(name, None)
    except Exception as error:
        yours, case = f"{type(error).__name__}: {error}", "your code raised an error"
        return Result(name, False, case, yours, "no error", _hint_for(error))


def _hint_for(error: Exception) -> str:
    """Where the learner's code raised this, and what to do."""
    place = _find_place(error)
    if isinstance(error, TypeError) and place == "the check":
        keep = "The check gives it what the blank takes: keep the first line of the blank."
        return f"It happened in the call. {keep}"
    way = "Call it by hand in a cell of its own, and look."
    if type(error) is NameError:
        way = "Import that name, or run the cell that defines it."
    return f"It happened in {place}. {way}"


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _find_place(error: BaseException) -> str:
    """The last line of the learner's own code that the error passed."""
    place, tb = "the check", error.__traceback__
    while tb:
        module = tb.tb_frame.f_globals.get("__name__", "").split(".")[0]
        machinery = module in ("mas_helpers", "anthropic", "asyncio", "contextlib", "pydantic")
        if not machinery and not module.startswith("checks_"):
            place = f"{tb.tb_frame.f_code.co_name}, line {tb.tb_lineno}"
        tb = tb.tb_next
    return place


class NotTried(Exception):
    """Raised inside a check whose answer turns out to be blank."""


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
