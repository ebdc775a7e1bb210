"""The orchestrator of lesson 07 in one framework at a time, each in a venv of its own.

    python examples/frameworks/run.py setup                 a venv for each, some minutes
    python examples/frameworks/run.py setup langgraph       for one
    python examples/frameworks/run.py run langgraph         asks it lesson 07's question
    python examples/frameworks/run.py run langgraph "Did it pay?"

Answers come from the stand-in model on this machine: no key, no network, no bill. So run this with
the Python of the project, in which mas_stand_in is (python start.py setup makes it).
"""

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
VENVS = PROJECT / ".frameworks"
NAMES = [
    "raw_sdk",
    "course",
    "langgraph",
    "pydantic_ai",
    "openai_agents",
    "agno",
    "agent_framework",
    "crewai",
    "google_adk",
]
PLAY = """
import asyncio, sys
folder, shared, base_url, question = sys.argv[1:]
sys.path[0:1] = [folder, shared]
import orchestrator, prompts
async def main():
    return await orchestrator.build(base_url)(question or prompts.QUESTION)
print(asyncio.run(main()))
"""


def python_of(name: str) -> Path:
    """The Python of a framework's venv, whether it's there or not."""
    return VENVS / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def constant_of(name: str, constant: str) -> Any:
    """A constant of a framework's bench.py, without importing the framework."""
    tree = ast.parse((HERE / name / "bench.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == constant:
            return ast.literal_eval(node.value)
    raise LookupError(f"{name}/bench.py has no {constant}")


def set_up(name: str) -> None:
    """A venv in `.frameworks`, with exactly the versions that are written down there."""
    folder = HERE / name
    subprocess.run([sys.executable, "-m", "venv", str(VENVS / name)], check=True)
    wanted = ["-r", str(folder / "requirements.txt"), "-c", str(folder / "constraints.txt")]
    install = [str(python_of(name)), "-m", "pip", "install", "--quiet", *wanted]
    subprocess.run(install, check=True, cwd=PROJECT)
    print(f"{name}: ready")


def run(name: str, question: str, python: Path | None = None) -> int:
    """Asks one framework; what it would send to its makers is switched off, as it documents."""
    from mas_stand_in import serving

    if not (python or python_of(name)).exists():
        sys.exit(f"{name} has no venv: python examples/frameworks/run.py setup {name}")
    with serving([HERE / "replies.yaml"]) as base_url:
        command = [str(python or python_of(name)), "-c", PLAY, str(HERE / name)]
        command += [str(HERE / "shared"), base_url, question]
        there = os.environ | constant_of(name, "TELEMETRY_OFF") | {"PYTHONIOENCODING": "utf-8"}
        return subprocess.run(command, env=there, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    setup = commands.add_parser("setup", help="make the venvs")
    setup.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    running = commands.add_parser("run", help="ask one")
    running.add_argument("name", choices=NAMES, metavar="NAME")
    running.add_argument("question", nargs="?", default="")
    options = parser.parse_args()
    if options.command == "run":
        return run(options.name, options.question)
    for name in options.names:
        if name not in NAMES:
            sys.exit(f"there is no {name}; there are {', '.join(NAMES)}")
        set_up(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
