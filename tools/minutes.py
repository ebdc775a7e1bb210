"""The minutes that reading a lesson takes, counted: `python tools/minutes.py` sets them beside those that it states.

Prose and comments at 200 words a minute, 4 s for a line of code (a third of that for an import), what a cell prints at
250 words a minute, 20 s for each prediction. Exercises belong to practising; the glossary and the map are looked up.
Counted, not measured on readers.
"""

import json
import re
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
LOOKED_UP = ("## The words of this course", "## The map")


def stated(notebook):
    """The minutes that the lesson says it takes to read, `18`."""
    return int(re.search(r"\*\*Minutes:\*\* (\d+) to read", "\n".join(map(source, notebook["cells"])))[1])


def counted(notebook):
    """The minutes to read, `17.9`."""
    seconds, practising = 0.0, False
    for cell in notebook["cells"]:
        text = source(cell)
        if text.startswith("## "):
            practising = text.startswith("## Exercises")
        if practising or "answers" in cell["metadata"].get("tags", []) or text.startswith(LOOKED_UP):
            continue
        seconds += len(text.split()) * 60 / 200 if cell["cell_type"] == "markdown" else of_code(cell)
    return round(seconds / 60, 1)


def of_code(cell):
    text = source(cell)
    if text.startswith("my_guess = None"):
        return 20
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    imports = sum(line.startswith(("import ", "from ")) for line in lines)
    printed = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell["outputs"]]
    return (
        (len(lines) - imports) * 4
        + imports * 4 / 3
        + len(re.findall(r"\w+", "\n".join(map("".join, printed)))) * 60 / 250
    )


def source(cell):
    return "".join(cell["source"])


if __name__ == "__main__":
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        lesson = json.loads(path.read_text(encoding="utf-8"))
        print(f"{path.stem:22} states {stated(lesson):3}   counted {counted(lesson):5}")
