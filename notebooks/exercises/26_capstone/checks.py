"""The checks of 26_capstone: a tenth test on sound and bad desks, the worst case of a design, and
the level that your own system has reached.
"""

import asyncio
import hashlib
import importlib
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from mas_helpers import HAIKU, Agent
from mas_helpers.course.exercises import Failed, Line, call_plain, expect

SECONDS_OF_WORK = 300.0  # the tests of a whole project, on a slow machine

NOTEBOOKS = str(Path(__file__).resolve().parents[2])
if NOTEBOOKS not in sys.path:  # a cell finds it anyway
    sys.path.append(NOTEBOOKS)
alder = importlib.import_module("alder_street")  # the one that the cells use, and its DeskError
SOURCES = ("fees", "sizes", "care")


def check_nothing_goes_on(nothing_goes_on):
    """The learner's test passes sound desks, however they answer, and catches those that pay on."""
    for name, (desk, hint) in SOUND.items():
        failure = _verdict(nothing_goes_on, name, desk())
        if failure is not None:
            said = Line(f"fails: {failure or 'AssertionError'}")
            raise Failed(f"a sound desk: {name}", said, Line("passes"), hint)
    for name, (desk, hint) in BAD.items():
        if _verdict(nothing_goes_on, name, desk()) is None:
            raise Failed(f"a bad desk: {name}", Line("passes"), Line("fails"), hint)
    return f"{len(SOUND)} sound desks pass, {len(BAD)} bad ones are caught"


def _verdict(test, name, desk):
    """None where the test passes, else the message of its AssertionError."""
    asked = []

    def play(slow=""):
        if slow not in ("", *SOURCES, "writer"):
            known = Line("fees, sizes, care, writer, or nothing")
            raise Failed("what your test makes slow", slow, known, "play('care'), for example.")
        ask, paid = alder.play(desk, slow)

        def ask_noted(*arguments):
            if arguments:
                hint = "The letter is in it: await ask()."
                raise Failed("how your test asks", Line("with arguments"), Line("ask()"), hint)
            asked.append(slow)
            return ask()

        return ask_noted, paid

    failure = None
    try:
        call_plain(test, play)
    except AssertionError as error:
        failure = str(error)
    except alder.DeskError as error:
        hint = "An error that says why is an outcome, too: go on, and look at the bill."
        raise Failed(f"{name}: your test ends in", error, Line("a verdict"), hint) from error
    if not asked:
        hint = "ask, paid = play('care'), and then run something that awaits ask()."
        raise Failed(f"{name}: did your test ask", False, True, hint)
    return failure


# ---- desks with a worker for each document and a writer, in a few lines


def cancelling(name, call):
    return asyncio.wait_for(call, 12)


async def waiting(name, call):
    return await call


async def leaving(name, call):
    """Stops waiting, and lets the call go on."""
    task = asyncio.ensure_future(call)
    done, _ = await asyncio.wait([task], timeout=12)
    if not done:
        raise TimeoutError(name)
    return task.result()


def leaving_only(*names):
    return lambda name, call: (leaving if name in names else cancelling)(name, call)


async def shielding(name, call):
    return await asyncio.wait_for(asyncio.shield(call), 12)


def build(limited, *, strict=False, afterwards=None):
    """A desk, as a module: `limited(name, call)` is how it waits for a call."""

    async def answer(ticket, question, desk):
        def ask(name, system, prompt):
            return limited(name, Agent(name, HAIKU, system, client=desk.client).run(prompt))

        texts = {name: (desk.documents / f"{name}.md").read_text("utf-8") for name in SOURCES}
        jobs = [ask(name, text, question) for name, text in texts.items()]
        parts = await asyncio.gather(*jobs, return_exceptions=True)
        said = [part for part in parts if isinstance(part, str)]
        if strict and len(said) < len(parts):
            raise alder.DeskError("one of the documents couldn't be looked at")
        found = "\n".join(said)
        try:
            text = await ask("writer", "Join them.", f"{question}\n\n{found}")
        except TimeoutError:
            return found
        if afterwards and len(said) == len(parts):
            later = afterwards(ask("fees", texts["fees"], question))
            KEPT.append(asyncio.create_task(later))
        return text

    return SimpleNamespace(answer=answer)


KEPT = []  # tasks that nobody keeps are thrown away


async def in_a_minute(call):
    await asyncio.sleep(60)
    await call


LATER = "Await ask(), look at paid(), let more than an hour pass, and look again."
ERROR = "An error that says why is an outcome, too: only what's paid afterwards counts."
SOUND = {
    "the solution": (lambda: alder.load("solution"), "All its calls end before it answers."),
    "it waits for every call": (
        lambda: build(waiting),
        "It's an hour late, which is another test's concern. When it answers, nothing goes on.",
    ),
    "without one document it gives a DeskError": (lambda: build(cancelling, strict=True), ERROR),
}
EACH = "Make each of the four slow, one after the other, and none."
BAD = {
    "the fourth": (lambda: alder.load("fourth"), LATER),
    "it shields its calls from being cancelled": (lambda: build(shielding), LATER),
    "the call for sizes goes on, and no other": (lambda: build(leaving_only("sizes")), EACH),
    "the call for fees goes on, and no other": (lambda: build(leaving_only("fees")), EACH),
    "the writer's call goes on, and no other": (lambda: build(leaving_only("writer")), EACH),
    "it gives a DeskError, and its call goes on": (lambda: build(leaving, strict=True), ERROR),
    "nobody is slow, and a minute later it asks again": (
        lambda: build(cancelling, afterwards=in_a_minute),
        "Nobody needs to be slow for that: play('').",
    ),
}


PRICE = {"input": 1e-6, "output": 5e-6}


def call_of(input_tokens, max_tokens, seconds, attempts=1):
    return {
        "input_tokens": input_tokens,
        "max_tokens": max_tokens,
        "seconds": seconds,
        "attempts": attempts,
    }


HEARD = "The writer reads what the workers wrote: their max_tokens are input tokens of its call."
ALL_AT_ONCE = "The workers run at once: only the slowest one counts. Then the writer."
EACH_ATTEMPT = "In the worst case each attempt is billed, input and output. Its seconds hold all."


def check_worst_case(worst_case):
    """Dollars and seconds of designs from one worker to many."""
    small, writer = call_of(400, 600, 16), call_of(200, 800, 13)
    cases = {
        "one worker": (([small], writer, PRICE), HEARD),
        "three workers": (([small] * 3, writer, PRICE), HEARD),
        "three workers, one slow": (([small, call_of(400, 600, 25), small], writer, PRICE),
                                    ALL_AT_ONCE),
        "a worker with two attempts": (([call_of(400, 600, 16, 2)], writer, PRICE), EACH_ATTEMPT),
        "a writer with two attempts": (([small] * 2, call_of(200, 800, 13, 2), PRICE),
                                       EACH_ATTEMPT + " The writer's input holds what it reads."),
        "no workers": (([], writer, PRICE), "No workers: the writer alone."),
        "another model's price": (([small] * 2, writer, {"input": 5e-6, "output": 25e-6}),
                                  "The dollars of a token are in `usd`."),
        "forty workers, all different": (
            ([call_of(100 + n, 200 + n, 5 + n / 10, 1 + n % 3) for n in range(40)],
             call_of(50, 1000, 20, 2), PRICE), f"{HEARD} {ALL_AT_ONCE}"),
    }  # fmt: skip
    for case, (given, hint) in cases.items():
        got = call_plain(worst_case, *given)
        if not isinstance(got, tuple | list) or len(got) != 2:
            expect(f"{case}: what came back", got, Line("two numbers"), "return dollars, seconds")
        for what, yours, expected in zip(("dollars", "seconds"), got, _worst(*given), strict=True):
            try:
                same = math.isclose(yours, expected, rel_tol=1e-9)
            except TypeError:
                same = False
            if not same:
                shown = round(yours, 8) if isinstance(yours, float) else yours
                expect(f"{case}: {what}", shown, round(expected, 8), hint)
    return f"{len(cases)} designs: dollars and seconds as they can be at most"


def _worst(workers, writer, usd):
    heard = sum(worker["max_tokens"] for worker in workers)
    bills = [(call, 0) for call in workers] + [(writer, heard)]
    dollars = sum(
        call["attempts"]
        * ((call["input_tokens"] + more) * usd["input"] + call["max_tokens"] * usd["output"])
        for call, more in bills
    )
    return dollars, max([0, *(call["seconds"] for call in workers)]) + writer["seconds"]


WAYS = 'A folder that `python3 start.py new` has made, such as "../my_system", or its desk.py.'


def check_my_system(my_system):
    """The customer's tests, in a process of their own, on the learner's project."""
    path, level = _read(my_system)
    folder, options = (alder.TEMPLATE, [f"--desk={path}"]) if path.is_file() else (path, [])
    if not folder.is_dir():
        raise Failed("your project", Line(f"{my_system!r} isn't there"), Line("a folder"), WAYS)
    for test in sorted((alder.TEMPLATE / "tests").glob("*.py")):
        yours = folder / "tests" / test.name
        if not yours.is_file():
            said = Line(f"tests/{test.name} isn't there")
            raise Failed("the customer's tests", said, Line("all of them"), WAYS)
        theirs = test.read_text(encoding="utf-8").replace("my_system", folder.name)
        if yours.read_text(encoding="utf-8") != theirs:
            hint = "The customer wrote these tests. Put your own into files of their own."
            said = Line(f"tests/{test.name} was changed")
            raise Failed("the customer's tests", said, Line("as they were"), hint)
    said = _judge(folder, path, "--level", str(level), *options)
    reached = re.search(r"You've reached level (\d)", said)
    if reached and int(reached[1]) >= level:
        return f"level {level} reached: the customer's tests pass"
    failed = re.search(r"^_+ (test_\w+) _+\n(.*?)(?=^_+ test_|^level \d|\Z)", said, re.M | re.S)
    if failed:
        hint = f"In the folder: python -m pytest -k {failed[1].removeprefix('test_')}"
        raise Failed(failed[1], Line(failed[2].strip()[:600]), Line("passed"), hint)
    hint = f"In the folder: python -m pytest --level {level}"
    raise Failed("the tests didn't run", Line(said.strip()[-600:]), Line("they run"), hint)


def _read(answer):
    """A path and a level, of `"../my_system"` or `("../my_system", 2)`."""
    path, level = answer if isinstance(answer, tuple | list) and len(answer) == 2 else (answer, 1)
    if not isinstance(path, str | os.PathLike):
        raise Failed("your project", path, Line("a path"), WAYS)
    if isinstance(level, bool) or level not in (1, 2, 3):
        raise Failed("the level", level, Line("1, 2 or 3"), 'For example: "../my_system", 2')
    return Path(path).expanduser().resolve(), level


def _judge(folder, path, *options):
    """What pytest says of a project; kept as long as nothing in it changes."""
    files = [path] if path.is_file() else sorted(folder.rglob("*"))
    digest = hashlib.sha256()
    for file in files:
        if file.suffix in (".py", ".md", ".toml") and ".venv" not in file.parts:
            digest.update(file.read_bytes())
    key = (folder, *options, digest.hexdigest())
    if key not in alder.SAID:
        alder.SAID[key] = _run_pytest(folder, *options)
    return alder.SAID[key]


def _run_pytest(folder, *options):
    """What pytest says in a folder. It's ended with the check, whatever ends that."""
    plugins = ["-p", "pytest_mas_helpers", "-p", "pytest_timeout", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, "tests/test_acceptance.py", *options]
    variables = {name: text for name, text in os.environ.items() if name != "PYTEST_ADDOPTS"}
    # the other plugins of the course take longer to import than these tests to run
    variables |= {"PYTHONUTF8": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    try:
        while True:
            try:
                return process.communicate(timeout=0.2)[0]
            except subprocess.TimeoutExpired:
                pass
    finally:
        process.kill()
        process.wait()
