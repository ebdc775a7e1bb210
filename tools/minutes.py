"""The minutes that reading a lesson takes, counted: `python tools/minutes.py` sets them beside
those that it states.

160 words a minute for prose and comments, where an image counts as the words that describe it; 8 s
for a new line of code (a third of that for an import), 40 s for a guess, 250 words a minute for
what a cell prints. Exercises belong to practising; the map is looked up. Counted, not measured on
readers.
"""

import re
from pathlib import Path

from answers import unfolded

from mas_helpers.course.notebooks import read_notebook

LONGEST = 25  # minutes of reading, in one lesson
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
IMAGE = re.compile(r'<img [^>]*alt="([^"]*)"[^>]*>')
LOOKED_UP = "## The map"


def stated(notebook):
    """The minutes that the lesson says it takes to read, `18`."""
    return int(re.search(r"\*\*Minutes:\*\* (\d+) to read", notebook["cells"][0]["source"])[1])


def counted(notebook):
    """The minutes to read, `17.9`."""
    seconds, practising = 0.0, False
    for cell in unfolded(notebook):
        text = cell["source"]
        if text.startswith("## "):
            practising = "xercises" in text.split("\n")[0]  # also "## … more exercises"
        if practising or text.startswith(LOOKED_UP):
            continue
        words = IMAGE.sub(r"\1", text).split()
        seconds += len(words) * 60 / 160 if cell["cell_type"] == "markdown" else of_code(cell)
    return round(seconds / 60, 1)


def is_guess(cell):
    """True for the cell of a prediction: `how_long = guess("How long?", 3, 4)`."""
    return cell["cell_type"] == "code" and re.match(r"\w+ = guess\(", cell["source"]) is not None


def of_code(cell):
    if is_guess(cell):
        return 40
    lines = [line.strip() for line in cell["source"].splitlines() if line.strip()]
    imports = sum(line.startswith(("import ", "from ")) for line in lines)
    words = len(re.findall(r"\w+", printed(cell)))
    return (len(lines) - imports) * 8 + imports * 8 / 3 + words * 60 / 250


def printed(cell):
    """What is below a cell, as text."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell["outputs"]
    ]
    return "\n".join(map("".join, texts))


if __name__ == "__main__":
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        lesson = read_notebook(path)
        print(f"{path.stem:22} states {stated(lesson):3}   counted {counted(lesson):5}")
