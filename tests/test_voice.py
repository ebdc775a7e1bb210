"""The course talks as a good colleague does: in today's words, and with contractions."""

import json
import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
LESSONS = sorted(path.stem for path in (HOME / "notebooks").glob("[0-9]*.ipynb"))
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "notebooks/GLOSSARY.md"]
PAGES += ["docs/architecture.md", "examples/README.md", "tools/replies/README.md"]
PAGES += ["teaching/README.md", "teaching/hub/README.md"]
RETIRED = re.compile(
    r"""\b(dear(er|est)?|anew|mend(s|ed|ing)?|whoever|in\ place\ of|stand(s|ing)?\ in\ for
    |(error|it)\ (gets|got)\ out|gets\ out|get\ out\ of|what\ got\ out|let\ it\ out|had\ again
    |second\ tr(y|ies)|the\ k-th|read\ over|those\ we)\b
    |[,;:]\ for\ (it|they|there|nobody|somebody|he|she|we|you|this|these|those|that)\b
    |\bstands?\ (where|there|here|beside|below|above|at)\b""",
    re.I | re.X,
)


def files_of(lesson):
    yield HOME / "notebooks" / f"{lesson}.ipynb"
    yield from (HOME / "notebooks" / "exercises" / lesson).glob("*.py")
    yield from (HOME / "teaching" / folder / f"{lesson}.md" for folder in ("lessons", "sheets"))


FILES = [path for lesson in LESSONS for path in files_of(lesson)] + [HOME / page for page in PAGES]


def words_of(path):
    """The text of a page; of a notebook, its cells with their comments."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_retired_word_is_used(path):
    text = " ".join(words_of(path).split())
    found = [text[max(0, m.start() - 40) : m.end() + 20] for m in RETIRED.finditer(text)]
    assert not found


@pytest.mark.parametrize("lesson", LESSONS)
def test_it_talks_to_the_reader(lesson):
    text = words_of(HOME / "notebooks" / f"{lesson}.ipynb")
    contractions = re.findall(r"\b[a-z]+(?:n't|'re|'ll|'ve|'s|'d)\b", text, re.I)
    assert len(contractions) > len(text.split()) / 200


@pytest.mark.parametrize(
    "sentence",
    [
        "Every other error gets out.",
        "It can also be slower, dearer, and wrong.",
        "Put your guess in place of None.",
        "The k-th time you ask the same thing,",
        "To begin anew: run it.",
        "Errors say the edit that mends it.",
        "Whoever gets it from you takes it for the sign.",
        "They wait, for it is late.",
        "The row stands below.",
    ],
)
def test_what_is_retired_is_found(sentence):
    assert RETIRED.search(sentence)
    assert not RETIRED.search("The stand-in model waits for it instead of failing.")


CODE = [
    *(HOME / "mas_helpers").rglob("*.py"),
    *(HOME / "mas_stand_in").rglob("*.py"),
    *(HOME / "tools").glob("*.py"),
    *(HOME / path for path in ("start.py", "pytest_mas_helpers.py")),
]


@pytest.mark.parametrize("path", CODE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_retired_word_is_used_in_docstrings_messages_and_comments(path):
    test_no_retired_word_is_used(path)
