"""The folded answers below each check of a lesson: a tempting wrong answer with what the check says
of it, a solution.

`solutions.py` and `wrong_answers.py` in `notebooks/exercises/NN_topic` hold them under the name
that the check is called with. The docstring of a wrong answer, or the text below it, says what is
wrong with it; the last paragraph, after "Ask back:", is what a teacher asks who gave it. Run by
tools/build.py; a test compares.
"""

import ast
import functools
import os
import re
from pathlib import Path
from typing import NamedTuple

from mas_helpers.course.exercises import Checks, load

ROOT = Path(__file__).resolve().parents[1]
TAG = "answers"
CALL = re.compile(r"^check\.(\w+)\((\w+)\)", re.M)


class Answer(NamedTuple):
    """An exercise with its answers: what its check is called with, code to show, what is wrong with
    the wrong one, what to ask back.
    """

    exercise: str
    argument: str
    solution: str
    wrong: str
    why: str
    ask_back: str


def answers(path, notebook):
    """The Answers of the lesson in `path`, in the order of its exercises.

    Raises ValueError for one that is missing.

    `notebook` is as `read_notebook` gives it: each source is one text.
    """
    folder = path.parent / "exercises" / path.stem
    solutions, wrong_answers = folder / "solutions.py", folder / "wrong_answers.py"
    for cell in notebook["cells"]:
        for exercise, argument in calls(cell):
            wrong, docstring = code_of(wrong_answers, argument)
            why, ask_back = split_docstring(path.stem, exercise, docstring)
            solution, _ = code_of(solutions, exercise, with_docstring=True)
            yield Answer(exercise, argument, solution, wrong, why, ask_back)


@functools.cache  # some take seconds, and several tests ask
def grade(path, exercise, argument):
    """What the check says of the wrong answer, as text."""
    folder = path.parent / "exercises" / path.stem
    before = os.getcwd()
    os.chdir(path.parent)  # some look into the folder of documents
    try:
        check = getattr(Checks(load(folder / "checks.py")), exercise)
        return str(check(getattr(load(folder / "wrong_answers.py"), argument)))
    finally:
        os.chdir(before)


def fold_in(path, notebook):
    """Puts the folded answers below each check of the notebook; those that are there go."""
    folded = {
        answer.exercise: text_of(answer, grade(path, answer.exercise, answer.argument))
        for answer in answers(path, notebook)
    }
    cells = unfolded(notebook)
    ids = {cell["metadata"].get("exercise"): cell for cell in notebook["cells"]}
    notebook["cells"] = []
    for cell in cells:
        notebook["cells"].append(cell)
        for exercise, _ in calls(cell):
            below = {"cell_type": "markdown", "metadata": {"exercise": exercise, "tags": [TAG]}}
            if exercise in ids:
                below["id"] = ids[exercise]["id"]
            notebook["cells"].append(below | {"source": folded[exercise]})


def calls(cell):
    """The checks that a cell calls, each with what it hands over: `[("nap", "nap")]`."""
    return CALL.findall(cell["source"]) if cell["cell_type"] == "code" else []


def unfolded(notebook):
    """The cells that everybody reads: not the folded answers."""
    return [cell for cell in notebook["cells"] if TAG not in cell["metadata"].get("tags", [])]


def text_of(answer, verdict):
    """The Markdown of the folded cell; `verdict` is what the check says of the wrong answer.

    A blank line on both sides of each tag, or what is inside is not rendered.
    """
    return "\n\n".join([
        "<details><summary>A tempting wrong answer</summary>",
        f"```python\n{answer.wrong}\n```",
        "The check says:",
        f"```text\n{verdict}\n```",
        answer.why,
        "</details>",
        "<details><summary>A solution</summary>",
        f"```python\n{answer.solution}\n```",
        "</details>",
    ])  # fmt: skip


def split_docstring(lesson, exercise, docstring):
    """What is wrong, and what to ask back: the two parts of a wrong answer's docstring."""
    why, _, ask_back = " ".join(docstring.split()).partition(" Ask back: ")
    if not why or not ask_back:
        raise ValueError(
            f'{lesson}, {exercise}: the wrong answer\'s docstring says why, and then "Ask back: …"'
        )
    return why, ask_back


def code_of(path, name, with_docstring=False):
    """The code of `name` in a file, with the imports and helpers that it uses and without its
    docstring; and that.
    """
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    defined = {one: node for node in tree.body for one in names_of(node)}
    if name not in defined:
        raise ValueError(f"{path.parent.name}/{path.name} has no {name}")
    needed, used, queue = [], set(), [defined[name]]
    while queue:
        node = queue.pop()
        if node not in needed:
            needed.append(node)
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            used |= names
            queue += [defined[one] for one in names if one in defined]
    needed.sort(key=tree.body.index)
    docstring, inside = docstring_of(tree, defined[name])
    shown, lines = [], text.splitlines()
    if with_docstring:
        inside = ()
    elif inside and not lines[inside[-1]].strip():  # the empty line below it goes too
        inside = range(inside[0], inside[-1] + 2)
    for node in needed:
        if isinstance(node, ast.Import | ast.ImportFrom):
            few = [one for one in node.names if name_in(one) in used]
            if len(few) < len(node.names):
                node.names = few
                shown.append(ast.unparse(node))
                continue
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
        kept = enumerate(lines[first - 1 : node.end_lineno], first)
        shown.append("\n".join(line for number, line in kept if number not in inside).strip("\n"))
    return layout(needed, shown), docstring


def layout(nodes, pieces):
    """The pieces as a file has them: lines of one kind together, two empty lines around
    definitions.
    """
    kinds = ["import" if "Import" in type(node).__name__ else type(node).__name__ for node in nodes]
    text = pieces[0]
    for before, kind, piece in zip(kinds, kinds[1:], pieces[1:], strict=False):
        lines = {"import", "Assign"} >= {before, kind}
        text += ("\n" if lines and before == kind else "\n\n" if lines else "\n\n\n") + piece
    return text


def docstring_of(tree, node):
    """The text below a definition or an assignment, else the docstring; and the lines inside the
    node that it takes.
    """
    below = tree.body[tree.body.index(node) + 1 :][:1]
    if below and isinstance(below[0], ast.Expr) and isinstance(below[0].value, ast.Constant):
        return below[0].value.value, ()
    if isinstance(node, ast.Assign) or not (text := ast.get_docstring(node)):
        return "", ()
    return text, range(node.body[0].lineno, node.body[0].end_lineno + 1)


def names_of(node):
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [name_in(alias) for alias in node.names]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.name] if hasattr(node, "name") else []


def name_in(alias):
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]
