"""The command line: record lessons, check notebooks and recordings, import cassettes, ask the
research system.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

import anthropic

from .bench.cassettes import read_cassette
from .bench.client import recordings_folder
from .bench.recordings import RecordingError
from .bench.secrets import redact, secrets_in
from .course import check_notebooks
from .course.ask import command as ask
from .course.check_project import check_files, files_in
from .course.notebooks import NotebookError, Progress, require_kernel
from .course.record_notebook import NotRecorded, estimate_costs, find_api, record, summarize
from .course.stored_outputs import store_outputs
from .pictures.text import count_text

HELP = """Record lessons again from an API, check that notebooks and recordings fit, ask the
research system.

  %(prog)s record 01_agent
      ask the API what the lesson asks, keep the replies, and store the outputs they give
  %(prog)s record 01_agent --base-url http://127.0.0.1:8000
      the same from a server on this machine: needs no key
  %(prog)s check
      run every notebook in strict replay, and look for requests without a reply, replies without
      a request, and secrets
  %(prog)s check --no-run 01_agent
      only what can be seen without running it, in seconds
  %(prog)s check tests src
      the same in a project of your own, where there is no notebook
  %(prog)s import tests/cassettes --folder tests/recordings
      make recordings of what vcrpy recorded
  %(prog)s ask
      the questions that the research system answers offline
"""
RECORD_HELP = """Run notebooks against an API, keep its replies in recordings/LESSON.yaml beside
them, and store in the notebooks the outputs that a replay gives. Says first what it will cost, and
asks. If it ends early, the old recording stays whole. Save what you have open in JupyterLab first.

  %(prog)s 01_agent
  %(prog)s notebooks/01_agent.ipynb 02 --yes
"""
CHECK_HELP = """Report, one finding a line, what does not fit and how to fix it. Notebooks are run
in strict replay. In other folders and files, and where there are no notebooks, nothing is run: it
looks for secrets, for recordings that do not load or that no code names, and for models that are
retired or end within 60 days.

  %(prog)s
  %(prog)s 01_agent --no-run
  %(prog)s tests src
  %(prog)s tests/recordings/desk.yaml

Which recorded replies no test plays, only a run can tell:
  MAS_USED=used.txt python -m pytest
  %(prog)s tests --used used.txt
"""
IMPORT_HELP = """Make a recording of each cassette of vcrpy or pytest-recording (YAML or JSON), and
say what was left out. A cassette keeps no times: every reply takes 0 seconds.

  %(prog)s tests/cassettes/test_ask.yaml --name desk --folder tests/recordings
  %(prog)s tests/cassettes --folder tests/recordings
"""
EXIT_CODES = """exit codes:
  0    all is done, nothing to report
  1    a cell failed, you said no, check found something, or nothing could be imported
  2    it could not begin: no such notebook or file, no key, nobody there to ask
  130  stopped with Ctrl-C
"""


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a Windows console lacks some letters
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        code = int(options.command(options))
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
    parser = argparse.ArgumentParser(
        prog=_name_of_this_command(),
        description=HELP,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="record | check | import | ask")
    parser.set_defaults(command=None)
    _add_record(commands)
    _add_check(commands)
    _add_import(commands)
    ask.add_parser(commands)
    return parser


def _add_record(commands: Any) -> None:
    parser = commands.add_parser(
        "record",
        help="ask an API again what the notebooks ask",
        description=RECORD_HELP,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = "a path, a lesson (01_agent) or its number (01)"
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help=which)
    address = "the address of the API, if it is not the usual one"
    parser.add_argument("--base-url", metavar="URL", help=address)
    parser.add_argument("--yes", action="store_true", help="do not ask whether to go on")
    parser.set_defaults(command=record_command)


def _add_check(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="see whether notebooks and recordings fit",
        description=CHECK_HELP,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = "as for record, or any file or folder (default: ./notebooks, else this folder)"
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK|FILE|FOLDER", help=which)
    played = "what tests played, from MAS_USED, to name the replies that none did"
    parser.add_argument("--used", metavar="FILE", type=Path, help=played)
    without = "only what can be found without running them"
    parser.add_argument("--no-run", action="store_true", help=without)
    parser.set_defaults(command=check_command)


def _add_import(commands: Any) -> None:
    parser = commands.add_parser(
        "import",
        help="make recordings of cassettes of vcrpy",
        description=IMPORT_HELP,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = "a cassette, or a folder of them"
    parser.add_argument("cassettes", nargs="+", metavar="CASSETTE", type=Path, help=which)
    parser.add_argument("--name", help="of the recording (default: that of the cassette)")
    where = "where recordings are (default: ./recordings)"
    parser.add_argument("--folder", type=Path, help=where)
    parser.set_defaults(command=import_command)


def record_command(options: argparse.Namespace) -> int:
    """`record`: say what it costs, ask, then one notebook after the other."""
    paths = find(options.notebooks)
    require_kernel()
    address, changes = find_api(options.base_url)
    what = f"the recordings and stored outputs of {count_text(len(paths), 'notebook')}"
    print(f"This asks {address} and rewrites {what}:")
    print("\n".join(estimate_costs(paths)), flush=True)
    if not options.yes and not sys.stdin.isatty():
        return _say(
            "Nobody is there to ask whether to go on: this is not a terminal. Add --yes to record.",
            2,
        )
    if not options.yes and not _agreed():
        return _say("Nothing was recorded.", 1)
    for path in paths:
        written = record(path, changes, show_progress(path.stem))
        for target in written:
            print(summarize(target), flush=True)
        if not written:
            print(f"{path.stem} asked nothing: no recording was written.", flush=True)
    # not before all are recorded: 00_start_here shows what they cost together
    for path in paths:
        _store_outputs(path)
    return 0


def _store_outputs(path: Path) -> None:
    """Stores what a replay gives. Raises NotRecorded where it cannot."""
    try:
        changed = store_outputs(path, show_progress(path.stem))
    except NotebookError as error:
        raise NotRecorded(
            f"{error}\n"
            f"The recording of {path.stem} is written, its stored outputs are the old ones. "
            f"Once it is fixed: python tools/build.py --outputs-only {path.stem}"
        ) from error
    print(f"{path.stem}: outputs {'rewritten' if changed else 'unchanged'}", flush=True)


def _agreed() -> bool:
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def check_command(options: argparse.Namespace) -> int:
    """`check`: one finding a line."""
    places = [Path(name) for name in options.notebooks]
    if not places and not any(Path("notebooks").glob("*.ipynb")):
        places = [Path()]
    if places and all(path.exists() and path.suffix != ".ipynb" for path in places):
        return _check_project(places, options.used)
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
    plays = {ask.NAME: ask.replay_problems}
    findings = check_notebooks.check(
        paths, files, everything=not options.notebooks, run=progress, programs=plays
    )
    for finding in findings:
        print(redact(finding))
    checked = f"{count_text(len(paths), 'notebook')}, {count_text(len(files), 'recording')}"
    print(f"{checked}: {f'{len(findings)} to fix' if findings else 'nothing to report'}")
    return 1 if findings else 0


def _check_project(places: list[Path], used: Path | None) -> int:
    if used is not None and not used.is_file():
        raise RecordingError(f"There is no {used}: set MAS_USED={used} and run the tests.")
    files = files_in(places)
    findings, recordings = check_files(files, places, used)
    for finding in findings:
        print(redact(finding))
    checked = f"{count_text(len(files), 'file')}, {count_text(recordings, 'recording')}"
    print(f"{checked}: {f'{len(findings)} to fix' if findings else 'nothing to report'}")
    return 1 if findings else 0


def import_command(options: argparse.Namespace) -> int:
    """`import`: one recording for each cassette."""
    paths = [path for named in options.cassettes for path in _cassettes_in(named)]
    if options.name and len(paths) != 1:
        raise RecordingError(f"--name is for one cassette; these are {len(paths)}.")
    folder = recordings_folder(options.folder)
    targets = {path: folder / f"{options.name or path.stem}.yaml" for path in paths}
    for path, target in targets.items():
        if target.exists() or list(targets.values()).count(target) > 1:
            raise RecordingError(
                f"{path} would become {target}, which is there already, or of another cassette. "
                "Give one of them another --name, or delete the old recording."
            )
    imported = [_import(path, target) for path, target in targets.items()]
    return 0 if all(imported) else 1


def _cassettes_in(named: Path) -> list[Path]:
    if not named.is_dir():
        return [named]
    found = [path for path in sorted(named.rglob("*.*")) if path.suffix in CASSETTES]
    if not found:
        raise RecordingError(f"There are no cassettes ({', '.join(CASSETTES)}) in {named}.")
    return found


CASSETTES = (".yaml", ".yml", ".json")


def _import(path: Path, target: Path) -> bool:
    """True once a recording is written that holds no secret."""
    recording, left_out = read_cassette(path, target.stem)
    count = count_text(len(recording.exchanges), "exchange")
    if recording.exchanges:
        recording.save(target)
        print(f"{target}: {count} of {recording.source}, each of 0 seconds")
    else:
        print(f"{path}: nothing to import")
    for reason in left_out:
        print(redact(f"  left out: {reason}"))
    secrets = list(secrets_in(target)) if recording.exchanges else []
    for finding in secrets:
        print(finding)
    return bool(recording.exchanges) and not secrets


def find(names: list[str], folder: Path = Path("notebooks")) -> list[Path]:
    """The notebooks of these names, each a path, a lesson (`01_agent`) or its number (`01`); all
    without a name.
    """
    there = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not there and not all(Path(name).is_file() for name in names or [""]):
        missing = next((name for name in names if not Path(name).exists()), "")
        raise NotebookError(
            (f"There is no {missing}, and there" if missing else "There")
            + f" are no notebooks in {folder}. Run this in the course's own folder, or give a path."
        )
    found = [_find(name, there) for name in names] if names else list(there.values())
    return list(dict.fromkeys(found))


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
    shown_at = 0.0

    def show(number: int | None, count: int, seconds: float) -> None:
        nonlocal shown_at
        begin, end = ("\r", " ") if sys.stdout.isatty() else ("", "\n")
        if number is None:
            print(f"{begin}{name}: {count} cells ran in {seconds:.0f} s", flush=True)
        elif begin or seconds - shown_at >= 10:
            shown_at = seconds
            print(f"{begin}{name}: cell {number} of {count}, {seconds:.0f} s", end=end, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
