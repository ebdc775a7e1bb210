"""The definitions that lessons build are the package's: its text fills the cells tagged `export`.

So a definition is edited in one place, the package, and `python tools/build.py` brings it into the
lesson; a test compares the two as syntax trees.
"""

import ast
import json
from pathlib import Path

from mas_helpers.course.notebooks import read_notebook

PACKAGE = Path(__file__).resolve().parents[1] / "mas_helpers"
TAG = "export"


def fill_exports(path):
    """The names whose cells changed, `["fan_out"]`; the notebook is written only where one did.

    Raises ValueError for a name that the package does not define once.
    """
    notebook = read_notebook(path)
    changed = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and TAG in cell["metadata"].get("tags", []):
            names = defined_names(path, cell["source"])
            text = "\n\n\n".join(find_definition(name) for name in names)
            if text != cell["source"]:
                changed += names
                cell["source"] = text
    if changed:
        for cell in notebook["cells"]:
            cell["source"] = cell["source"].splitlines(keepends=True)
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
    return changed


def defined_names(path, source):
    nodes = ast.parse(source).body
    if any(not hasattr(node, "name") for node in nodes):
        raise ValueError(f"{path.name}: a cell tagged {TAG} holds definitions only:\n{source}")
    return [node.name for node in nodes]


def find_definition(name):
    """The text of a class or function in the package, with its decorators."""
    found = [text for path in sorted(PACKAGE.rglob("*.py")) for text in definitions(path, name)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} definitions of {name} in {PACKAGE.name}; there must be one")
    return found[0]


def definitions(path, name):
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body if name in text else []:
        if getattr(node, "name", None) == name:
            decorators = [decorator.lineno for decorator in node.decorator_list]
            first = min([node.lineno, *decorators])
            yield "\n".join(lines[first - 1 : node.end_lineno])
