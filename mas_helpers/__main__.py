"""The command line: record lessons anew, check that notebooks and recordings fit, ask the research
system.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import os
import sys
from pathlib import Path

import anthropic

from .bench.secrets import redact
from .course import check_notebooks as audit
from .course.ask import command as ask
from .course.notebooks import NotebookError, Progress, require_kernel
from .course.record_notebook import NotRecorded, costs, record, summary, way_to_the_api

HELP = """Record lessons again from an API, check that notebooks and recordings fit, ask the research
system.

  %(prog)s record 01_agent
      ask the API what the lesson asks, and keep the replies
  %(prog)s record 01_agent --base-url http://127.0.0.1:8000
      the same from a server on this machine: needs no key
  %(prog)s check
      run every notebook in strict replay, and look for requests without a reply, replies without
      a request, and secrets
  %(prog)s check --no-run 01_agent
      only what can be seen without running it, in seconds
  %(prog)s ask
      the questions that the research system answers offline
"""
EXIT_CODES = """exit codes:
  0    all is done, nothing to report
  1    a cell failed, you said no, or check found something
  2    it could not begin: no such notebook, no key, nobody there to ask
  130  stopped with Ctrl-C
"""


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console lacks some letters
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        code = options.command(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _say("Stopped.", 130)
    except OSError as error:
        if error.filename is not None or error.errno not in (errno.EPIPE, errno.EINVAL):
            raise
        # `… | head` has seen enough; Windows calls that an invalid argument
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except NotRecorded as error:
        return _say(redact(str(error)), 130 if error.interrupted else 1)
    except (NotebookError, anthropic.AnthropicError) as error:
        return _say(redact(str(error)), 2)


def _say(sentence: str, code: int) -> int:
    print(("\n" if sys.stdout.isatty() else "") + sentence, file=sys.stderr)
    return code


def _name_of_this_command() -> str:
    """`mas-helpers` where it was called so, for help should show what works here."""
    called = Path(sys.argv[0]).stem
    return called if called == "mas-helpers" else "python -m mas_helpers"


def _parser() -> argparse.ArgumentParser:
    layout = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": EXIT_CODES}
    parser = argparse.ArgumentParser(prog=_name_of_this_command(), description=HELP, **layout)
    commands = parser.add_subparsers(title="commands", metavar="record | check | ask")
    parser.set_defaults(command=None)
    about = (
        "Run notebooks against an API and keep its replies in recordings/LESSON.yaml beside them.\n"
        "Says first what it will cost, and asks. If it ends early, the old recording stays whole.\n\n"
        "  %(prog)s 01_agent\n  %(prog)s notebooks/01_agent.ipynb 02 --yes"
    )
    one = commands.add_parser(
        "record", help="ask an API anew what the notebooks ask", description=about, **layout
    )
    one.add_argument(
        "notebooks",
        nargs="+",
        metavar="NOTEBOOK",
        help="a path, a lesson (01_agent) or its number (01)",
    )
    one.add_argument(
        "--base-url", metavar="URL", help="the address of the API, if it is not the usual one"
    )
    one.add_argument("--yes", action="store_true", help="do not ask whether to go on")
    one.set_defaults(command=record_command)
    about = (
        "Run notebooks in strict replay and report, one finding a line, what does not fit and how to mend it.\n\n"
        "  %(prog)s\n  %(prog)s 01_agent --no-run"
    )
    two = commands.add_parser(
        "check", help="see whether notebooks and recordings fit", description=about, **layout
    )
    two.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="as for record (default: all in ./notebooks)",
    )
    two.add_argument(
        "--no-run", action="store_true", help="only what can be found without running them"
    )
    two.set_defaults(command=check_command)
    ask.add_parser(commands)
    return parser


def record_command(options: argparse.Namespace) -> int:
    """`record`: say what it costs, ask, then one notebook after the other."""
    paths = find(options.notebooks)
    require_kernel()
    address, changes = way_to_the_api(options.base_url)
    print(f"This asks {address} and rewrites the recordings of {_counted(paths, 'notebook')}:")
    print("\n".join(costs(paths)), flush=True)
    if not options.yes and not sys.stdin.isatty():
        return _say(
            "Nobody is there to ask whether to go on: this is not a terminal. Add --yes to record.",
            2,
        )
    if not options.yes and not _agreed():
        return _say("Nothing was recorded.", 1)
    for path in paths:
        written = record(path, changes, show_progress(path.stem))
        for target in written or [None]:
            print(
                summary(target)
                if target
                else f"{path.stem} asked nothing: no recording was written.",
                flush=True,
            )
    lessons = " ".join(path.stem for path in paths)
    print(f"Next, to rewrite the stored outputs: python tools/build.py --outputs-only {lessons}")
    return 0


def _agreed() -> bool:
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def check_command(options: argparse.Namespace) -> int:
    """`check`: one finding a line."""
    paths = find(options.notebooks)
    if not options.no_run:
        require_kernel()
    if options.notebooks:
        own = [path.parent / "recordings" / f"{path.stem}.yaml" for path in paths]
        files = [file for file in own if file.exists()]
    else:
        folders = dict.fromkeys(path.parent / "recordings" for path in paths)
        files = [file for folder in folders for file in sorted(folder.glob("*.yaml"))]
    progress = None if options.no_run else show_progress
    plays = {ask.LESSON: ask.still_plays}
    findings = audit.check(
        paths, files, everything=not options.notebooks, run=progress, programs=plays
    )
    for finding in findings:
        print(redact(finding))
    counted = f"{_counted(paths, 'notebook')}, {_counted(files, 'recording')}"
    print(f"{counted}: {len(findings)} to mend" if findings else f"{counted}: nothing to report")
    return 1 if findings else 0


def find(names: list[str], folder: Path = Path("notebooks")) -> list[Path]:
    """The notebooks of these names, each a path, a lesson (`01_agent`) or its number (`01`); all
    without a name.
    """
    there = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not there and not all(Path(name).is_file() for name in names or [""]):
        raise NotebookError(
            f"There are no notebooks in {folder}. Run this in the course's own folder, or give a path."
        )
    return (
        list(dict.fromkeys(_find(name, there) for name in names)) if names else list(there.values())
    )


def _find(name: str, there: dict[str, Path]) -> Path:
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    stem = path.stem if path.suffix == ".ipynb" else name
    fitting = [stem] if stem in there else [other for other in there if other.split("_")[0] == stem]
    if len(fitting) == 1:
        return there[fitting[0]]
    nearest = difflib.get_close_matches(stem, there, n=1, cutoff=0.3)
    maybe = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise NotebookError(f"There is no notebook {name!r}.{maybe} There are: {', '.join(there)}.")


def show_progress(name: str) -> Progress:
    """Prints `01_agent: cell 3 of 12, 14 s`: over itself in a terminal, elsewhere a line each ten
    seconds.
    """
    said = 0.0

    def show(number: int | None, count: int, seconds: float) -> None:
        nonlocal said
        again = "\r" if sys.stdout.isatty() else ""
        if number is None:
            print(f"{again}{name}: {count} cells ran in {seconds:.0f} s", flush=True)
        elif again or seconds - said >= 10:
            said = seconds
            print(
                f"{again}{name}: cell {number} of {count}, {seconds:.0f} s",
                end=" " if again else "\n",
                flush=True,
            )

    return show


def _counted(things: list[Path], noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")


if __name__ == "__main__":
    sys.exit(main())
