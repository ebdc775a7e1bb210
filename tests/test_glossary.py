"""The glossary has each word once, in order, with the lesson that introduces it: the first whose
text holds it.
"""

import re

import pytest
from answers import unfolded

from mas_helpers.course.notebooks import read_notebook

ENTRY = re.compile(r"^- \*\*(.+?)\*\* \(\[(\d\d)\]\((\d\d_\w+)\.ipynb\)\): (.+)\.$")
# A word that stands in an earlier lesson, and why that one needn't explain it.
EARLIER = {
    ("agent", "00"): "a part of *multi-agent system*, which it defines",
    ("block", "00"): "the block of a `with`",
    ("burst", "24"): "everybody's word for many at once",
    ("deadline", "07"): "sends the reader to 13",
    ("graph", "00"): "says in a list what a framework changes while it runs",
    ("judge", "10"): "a verb",
    ("plan", "00"): "a verb: what one of several models does",
    ("planner", "00"): "the sentence below the first picture says what each agent in it does",
    ("worker", "00"): "as for planner",
    ("synthesizer", "00"): "as for planner",
    ("provider", "02"): "everybody's word for who sells calls",
    ("provider", "18"): "everybody's word for who sells calls",
    ("queue", "19"): "in a list of what an engine brings",
    ("schedule", "03"): "everybody's word for who works when",
    ("task", "00"): "everybody's word for a piece of work",
    ("task", "01"): "everybody's word for a piece of work",
    ("tool", "00"): "in a list of what can't be changed in an offline question",
    ("tool", "01"): "says what tools do, and that 08 has them",
    ("tool", "02"): "in a table of reasons for a second agent",
    ("tool", "06"): "in a list of what a subtask should say",
    ("tool", "07"): "sends the reader to 08",
}


@pytest.fixture(scope="module")
def glossary(request):
    return (request.config.rootpath / "notebooks" / "GLOSSARY.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def texts(request):
    """What each lesson says to everybody, `_` of names as spaces, under its name."""
    found = {}
    for path in sorted((request.config.rootpath / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        prose = [c["source"] for c in unfolded(read_notebook(path)) if c["cell_type"] == "markdown"]
        prose[-1] = prose[-1].partition("**Before this:**")[0].partition("**Next:**")[0]
        text = re.sub(r"```.*?```|\]\([^)]*\)|<img[^>]*>", "", "\n".join(prose), flags=re.S)
        found[path.stem] = " ".join(text.replace("_", " ").split())
    return found


def entries(text):
    """Its words with their lesson, `("agent", "01_agent")`."""
    lines = [line for line in text.splitlines() if line.startswith("-")]
    found = [ENTRY.match(line) for line in lines]
    assert None not in found, lines[found.index(None)]
    assert all(entry[2] == entry[3][:2] for entry in found)
    return [(entry[1], entry[3]) for entry in found]


def holds(text, word):
    return re.search(rf"\b{re.escape(word)}(?:s|es|ed|ing)?\b", text, re.I) is not None


def test_words_are_in_order_once_each_below_their_letter(glossary):
    words = [word for word, _ in entries(glossary)]
    assert words == sorted({*words}, key=str.lower) and len(words) > 100
    for letter, block in re.findall(r"^## (.)\n(.*?)(?=^## |\Z)", glossary, re.M | re.S):
        assert {word[0].upper() for word, _ in entries(block)} == {letter}
    assert "||" not in glossary and len(re.findall(r"^## ", glossary, re.M)) > 15


def test_the_lesson_that_a_word_names_is_the_first_that_has_it(glossary, texts):
    wrong = []
    for word, lesson in entries(glossary):
        having = [name for name, text in texts.items() if holds(text, word)]
        early = [n for n in having if n < lesson and (word, n[:2]) not in EARLIER]
        if lesson not in having or early:
            wrong.append((word, lesson, early))
    assert wrong == []


def test_each_exception_is_one(glossary, texts):
    lessons = dict(entries(glossary))
    for word, number in EARLIER:
        (text,) = [text for name, text in texts.items() if name.startswith(number)]
        assert number < lessons[word][:2] and holds(text, word), (word, number)


def test_the_readme_and_the_first_lesson_lead_to_it(home):
    assert "](notebooks/GLOSSARY.md)" in (home / "README.md").read_text(encoding="utf-8")
    first = read_notebook(home / "notebooks" / "00_start_here.ipynb")
    assert any("](GLOSSARY.md)" in cell["source"] for cell in first["cells"])


def test_words_are_found_in_their_forms_only():
    assert holds("Two rate limits.", "rate limit") and holds("Who reserves?", "reserve")
    assert not holds("multitasking", "task") and not holds("delegate", "gate")
