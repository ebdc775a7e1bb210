"""Run as an attendee in his or her folder: copies the course into it at the first login, and leaves
it alone later.
"""

import json
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).parents[2])]
import start  # noqa: E402

# the lessons, what they link to, and the measured files that they read
PARTS = ("README.md", "benchmarks", "examples", "notebooks")
NOT_THE_COURSE = shutil.ignore_patterns(".*", "__pycache__", "progress")  # the teacher's own traces
# it opens a port that all can reach
NO_DEBUGGER = {"disabledExtensions": {"@jupyterlab/debugger-extension": True}}


def copy(home: Path) -> None:
    """Leaves the course's folders and start.py's settings in this folder; what is there already
    stays as it is.
    """
    for name in PARTS:
        source, target, part = start.ROOT / name, home / name, home / f".{name}.part"
        if target.exists() or not source.exists():
            continue
        shutil.rmtree(part, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, part, ignore=NOT_THE_COURSE, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, part)
        part.rename(target)  # whole or not at all
    for path, text in settings(home).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def settings(home: Path) -> dict[Path, str]:
    """The settings that start.py puts into .venv, in the places where JupyterLab and IPython read
    them per person.
    """
    lab, ipython = (text.replace(str(start.ROOT), str(home)) for text in start.SETTINGS.values())
    return {
        home / ".jupyter" / "config" / "labconfig" / "default_setting_overrides.json": lab,
        home / ".jupyter" / "config" / "labconfig" / "page_config.json": json.dumps(NO_DEBUGGER),
        home / ".jupyter" / "config" / "custom" / "custom.css": start.LOOK,
        home / ".jupyter" / "ipython" / "profile_default" / "ipython_config.py": ipython,
    }


if __name__ == "__main__":
    copy(Path.cwd())
