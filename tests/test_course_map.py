"""The map is that of the lessons: what a lesson needs is what it uses, and each page that lists
lessons follows from it.
"""

import ast
import asyncio
import functools
import importlib
import json
import re
from pathlib import Path

import pages
import pytest
from answers import unfolded

from mas_helpers import Fault, fake_client, run, trace
from mas_helpers.course.course_map import PARTS, read_before, read_course, read_opening
from mas_helpers.course.notebooks import read_notebook

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
COURSE = read_course(NOTEBOOKS)
BY_TOPIC = {lesson.name[3:]: number for number, lesson in COURSE.items()}
# An earlier lesson that is named, and isn't needed: (here, there), and why one can go on without.
MENTIONS = {
    ("05", "04"): "one picture at the end sets this pattern beside the others",
    ("06", "05"): "a sentence says who decided there",
    ("08", "07"): "a sentence says what an orchestrator makes of the error",
    ("08", "04"): "a sentence says again what it does",
    ("11", "06"): "something to try at the end has a planner, which the package brings",
    ("11", "07"): "what it cost there is said again",
    ("12", "04"): "a sentence says again what it lists",
    ("13", "08"): "a sentence says again what a thread does",
    ("13", "11"): "a link to another place where gaps are named",
    ("15", "14"): "a table says where else a fault is tested",
    ("18", "16"): "the log is one more place that holds a name; its line is shown",
    ("19", "17"): "a link: what batches cost",
    ("20", "18"): "what happens between two people is said again",
    ("22", "06"): "the last of two exercises is about its plans",
    ("22", "09"): "a link: the rule is said again",
    ("24", "08"): "a table of words: what others call it",
    ("24", "18"): "a sentence says again what a store is",
    ("24", "19"): "a table of words, and the name of an engine",
    ("24", "20"): "a table of words: what others call it",
    ("24", "21"): "a table of words: what others call it",
    ("25", "17"): "half the price is said again",
    ("25", "18"): "what the store's transaction does is said again",
    ("26", "22"): "a sentence says what these tests don't measure, and where to go on",
}


@functools.cache
def cells_of(number, kind):
    path = NOTEBOOKS / f"{COURSE[number].name}.ipynb"
    return [cell for cell in unfolded(read_notebook(path)) if cell["cell_type"] == kind]


def named_in_prose(number):
    """The lessons that a lesson links or calls by number, with the words around."""
    text = "\n\n".join(cell["source"] for cell in cells_of(number, "markdown"))
    text = text.partition("**Before this:**")[0]
    for found in re.finditer(r"[Ll]essons? (\d\d)|\]\((\d\d)_\w+\.ipynb", text):
        yield found[1] or found[2], text[max(0, found.start() - 60) : found.end()]


def lessons_of_imports(number):
    """The lessons that build what a lesson imports: in the room of agents a module is a lesson."""
    for cell in cells_of(number, "code"):
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("mas_helpers"):
                module = importlib.import_module(node.module)
                for name in (alias.name for alias in node.names):
                    home = getattr(getattr(module, name), "__module__", None) or ""
                    topic = home.removeprefix("mas_helpers.agents.")
                    if topic in BY_TOPIC:
                        yield BY_TOPIC[topic], name


@pytest.mark.parametrize("number", COURSE)
def test_a_lesson_needs_each_earlier_lesson_that_it_names_or_imports_from(number):
    known = {number, *read_before(COURSE, [number])}
    uses = [*named_in_prose(number), *lessons_of_imports(number)]
    missing = [
        (there, words)
        for there, words in uses
        if there < number and there not in known and (number, there) not in MENTIONS
    ]
    assert missing == [], "Into its *From before*, or into MENTIONS if one can go on without"


def test_each_mere_mention_is_one():
    for number, there in MENTIONS:
        uses = [*named_in_prose(number), *lessons_of_imports(number)]
        assert there in {one for one, _ in uses}, (number, there)
        assert there not in read_before(COURSE, [number]), (number, there)


@pytest.mark.parametrize("number", COURSE)
def test_a_lesson_uses_what_it_says_it_needs(number):
    """A name in backticks before a link, ``Fault` from [12](…)`, is in that lesson and in this."""
    opening = cells_of(number, "markdown")[0]["source"]
    before = opening.partition("**From before:**")[2].partition("\n")[0]
    code = "\n".join(cell["source"] for cell in cells_of(number, "code"))
    prose = "\n".join(cell["source"] for cell in cells_of(number, "markdown")[1:])
    for words, there in re.findall(r"(.*?)\]\((\d\d)_\w+\.ipynb\)", before):
        assert there < number
        shown = "\n".join(
            cell["source"] for kind in ("code", "markdown") for cell in cells_of(there, kind)
        )
        for name in re.findall(r"`(\w+)`", words):
            assert re.search(rf"\b{name}", code + prose), f"{name} isn't used"
            assert re.search(rf"\b{name}\b", shown), f"{name} isn't in {there}"


def test_what_is_read_before_is_what_is_needed_and_what_that_needs():
    course = {
        "00": read_opening("00_a", "# 00 · A"),
        "01": read_opening("01_b", "# 01 · B\n\n**From before:** x from [00](00_a.ipynb)."),
        "02": read_opening("02_c", "**Minutes:** 9 to read, 5 to practise. [01](01_b.ipynb)"),
        "03": read_opening("03_d", "**From before:** [01](01_b.ipynb).\n\nSee [02](02_c.ipynb)."),
    }
    assert course["01"].title == "01 · B" and course["02"][2:] == (9, 5, ())
    assert read_before(course, ["03"]) == ["00", "01"]
    assert read_before(course, ["03", "01"]) == ["00"]
    assert read_before(course, ["02"]) == []


@pytest.mark.parametrize("path", pages.pages(), ids=lambda path: path.parent.name)
def test_each_page_that_lists_lessons_is_made_from_them(path):
    made = pages.pages()[path]
    assert path.read_text(encoding="utf-8") == made, "Run: python tools/pages.py"


def test_a_lesson_that_the_readme_does_not_know_is_named_with_its_row():
    with pytest.raises(ValueError, match=r"no lesson 01. Add: \| \| \[01\]\(notebooks/01_agent"):
        pages.fill_map("| | lesson | you build |\n| | [00](notebooks/00_a.ipynb) | x |\n", COURSE)


def test_the_ways_and_the_week_leave_no_lesson_out():
    for number in COURSE:
        assert [way for way in pages.WAYS if way[1] <= number <= way[2]], number
        assert number >= pages.WEEK[0] and number < pages.LAST
    assert [way[1] for way in pages.WAYS[:4]] == [*PARTS]
    later = {name for _, first, last in pages.WAYS[4:] for name in (first, last)}
    assert {number for number in COURSE if number >= "16"} <= later


def test_what_a_plan_for_a_room_reads_builds_on_what_it_has_read(home):
    text = (home / "teaching" / "README.md").read_text(encoding="utf-8")
    plans = pages.PLAN.findall(text)
    assert len(plans) == 2
    ways = (NOTEBOOKS / "WHERE_TO_BEGIN.md").read_text(encoding="utf-8")
    ways = ways.partition("## Half a day")[2].partition("<!--")[0]
    for plan in plans:
        reads = re.findall(r"\*\*(\d\d)\*\*, reading", plan)
        assert len(reads) >= 4 and read_before(COURSE, reads) == []
    assert "00 to 03" in ways and re.findall(r"\d\d", ways)[2:] == reads[4:]


# The quiz

QUIZ = (NOTEBOOKS / "WHERE_TO_BEGIN.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### (\d)\. [^\n]+\n(.+?)</details>", QUIZ, re.M | re.S)


def play(question):
    """What `main` of a question's code returns, and its seconds."""
    reply = re.search(r"```json\n(.+?)```", question, re.S)
    answer = json.loads(reply[1]) if reply else "Yes."
    faults = [] if "never answers" not in question else [Fault("timeout")]
    code = re.search(r"```python\n(.+?)```", question, re.S)[1]
    client = fake_client(lambda body: answer, faults=faults)
    names = {"asyncio": asyncio, "client": client}
    exec(code, names)
    with trace() as t:
        returned = run(names["main"](), clock="virtual")
    return returned, t.seconds


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=lambda value: value[:1])
def test_the_answer_of_the_quiz_is_what_comes_of_its_code(number, question):
    asked, _, said = question.partition("<details><summary>The answer</summary>")
    right = re.match(r"\s*\*\*(.+?)\*\*", said)[1].rstrip(".")
    returned, seconds = play(asked)
    if right.endswith(" seconds"):
        right = right.removesuffix(" seconds")
        assert float(right) == seconds
    else:
        right = right.strip("`")
        assert ast.literal_eval(right) == returned
    offered = asked.rpartition("```")[2]
    assert right in offered.partition(":")[2] and offered.count(",") + offered.count(" or ") >= 1


def test_the_quiz_is_short_and_sends_to_lessons_in_their_order():
    assert [number for number, _ in QUESTIONS] == [str(n) for n in range(1, len(QUESTIONS) + 1)]
    assert 6 <= len(QUESTIONS) <= 8
    begins = [re.search(r"Begin with \[(\d\d)\]", text)[1] for _, text in QUESTIONS]
    assert begins == sorted(begins) and set(begins) <= {*COURSE}
    assert {*PARTS} <= {*begins}
    words = re.sub(
        r"<details>.+?</details>", "", "".join(text for _, text in QUESTIONS), flags=re.S
    )
    assert len(words.split()) / 160 + 20 / 60 * len(QUESTIONS) < 7
