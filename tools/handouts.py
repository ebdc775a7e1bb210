"""The handouts of the teacher's kit, made from the lessons: `python tools/handouts.py` writes them,
a test compares.

`teaching/sheets/NN_topic.md` is for those who learn, to print: each prediction with room for the
guess, the exercises, the claims with room for how one knows. In `teaching/lessons/NN_topic.md`,
written by hand, what is below MARK is for who teaches: what comes out, the tempting wrong
answers, and what to ask back.
"""

import argparse
import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

from answers import answers, calls, unfolded
from minutes import NOTEBOOKS, is_guess, printed

from mas_helpers.course.notebooks import read_notebook

ROOT = Path(__file__).resolve().parents[1]
TEACHING = ROOT / "teaching"
MARK = "<!-- What follows is made from the lesson by tools/handouts.py. -->"
BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
OUTCOME = re.compile(r"\AIt was (.*?)\.$", re.S | re.M)


class Prediction(NamedTuple):
    """A question to guess at, the unit of the guess, and what came out."""

    question: str
    unit: str
    came: str


def main(arguments=None):
    """The exit code: 0, or 1 where a lesson can't be made into handouts; a sentence says why."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    code = 0
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        try:
            for page in write(path):
                print(f"written: {page.relative_to(ROOT)}")
        except ValueError as error:  # for example outputs that were cleared
            print(
                f"✗ {error}. Store its outputs: python tools/build.py --outputs-only", path.stem[:2]
            )
            code = 1
    return code


def write(path):
    """The pages of a lesson that changed, and are written."""
    changed = []
    for target, text in handouts(path).items():
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
            changed.append(target)
    return changed


def handouts(path):
    """The texts of a lesson's two pages by their paths."""
    cells = unfolded(read_notebook(path))
    notes = TEACHING / "lessons" / f"{path.stem}.md"
    by_hand = (
        notes.read_text(encoding="utf-8").partition(MARK)[0]
        if notes.exists()
        else f"# {title(cells)}\n\n"
    )
    return {
        TEACHING / "sheets" / f"{path.stem}.md": sheet(path, cells),
        notes: f"{by_hand}{MARK}\n\n{for_the_teacher(path, cells)}",
    }


def sheet(path, cells):
    """One page to print and write on."""
    parts = [f"# {title(cells)}", f"**The question:** {labelled(cells, 'The question:')}"]
    parts += ["Name: ______________________   Date: ____________", "## Predict before you run"]
    rows = ["| | | my guess | it was |", "|---|---|---|---|"]
    for number, one in enumerate(predictions(path, cells), 1):
        unit = f" ({one.unit})" if one.unit and one.unit.split()[-1] not in one.question else ""
        rows.append(f"| {number} | {one.question}{unit} | ____________ | ____________ |")
    parts.append("\n".join(rows))
    parts.append("## Exercises")
    parts.append(
        "\n".join(f"- ☐ {number}. `{name}`" for number, name in enumerate(exercises(cells), 1))
    )
    parts.append("## What I can now claim, and how I know")
    rows = ["| I can claim | I know it from |", "|---|---|"]
    parts.append(
        "\n".join([*rows, *(f"| {claim} | ____________________ |" for claim in claims(cells))])
    )
    line = "\\" + "_" * 54  # escaped: without, Markdown makes a rule of it
    parts.append(f"## What I still want to ask\n\n{line}\n\n{line}")
    return "\n\n".join(parts) + "\n"


def for_the_teacher(path, cells):
    """What comes out, and what to ask who gave a wrong answer."""
    parts = ["## What comes out"]
    parts.append(
        "\n".join(
            f"{n}. {one.question} **{one.came}**"
            for n, one in enumerate(predictions(path, cells), 1)
        )
    )
    parts.append("## Tempting wrong answers, and what to ask back")
    for answer in answers(path, {"cells": cells}):
        reason = f"**`{answer.exercise}`.** {answer.why}"
        parts.append(f"{reason}\n\n```python\n{answer.wrong}\n```\n\nAsk back: *{answer.ask_back}*")
    return "\n\n".join(parts) + "\n"


def title(cells):
    return cells[0]["source"].splitlines()[0].removeprefix("# ")


def labelled(cells, label):
    """The text behind a label in the opening."""
    return re.search(rf"\*\*{label}\*\* (.+)", cells[0]["source"])[1]


def predictions(path, cells):
    """Each Prediction of the lesson. Raises ValueError for one without an outcome."""
    found = []
    for position, cell in enumerate(cells):
        if not is_guess(cell):
            continue
        question, unit = asked_in(cell)
        texts = [printed(one) for one in cells[position + 1 :] if one["cell_type"] == "code"]
        came = next((one[1] for one in filter(None, map(OUTCOME.search, texts))), None)
        if not came:
            raise ValueError(f"{path.name}, {question!r}: nothing says what it was")
        question = " ".join(question.split())
        found.append(Prediction(question[0].upper() + question[1:], unit, " ".join(came.split())))
    return found


def asked_in(cell):
    """The question of a prediction and the unit of its guess, `""` where there is none."""
    call = ast.parse(cell["source"]).body[0].value
    units = [word.value.value for word in call.keywords if word.arg == "unit"]
    return call.args[0].value, "".join(units)


def exercises(cells):
    return [exercise for cell in cells for exercise, _ in calls(cell)]


def claims(cells):
    return [
        " ".join(claim.split())
        for claim in BOLD.findall(cells[-1]["source"])
        if claim.endswith((".", "?"))
    ]


if __name__ == "__main__":
    sys.exit(main())
