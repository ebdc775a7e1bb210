"""The teacher's kit: its handouts are those of the lessons, its minutes add up, its prices are
computed.
"""

import re

import answers
import handouts
import minutes
import pytest

from mas_helpers.course.notebooks import read_notebook

LESSONS = sorted(handouts.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture
def cost(home):
    return answers.load(home / "teaching" / "cost.py")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_handouts_are_those_of_the_lesson(path, monkeypatch):
    monkeypatch.setattr(answers, "grade", lambda *_: pytest.fail("a handout shows no verdict"))
    for target, text in handouts.handouts(path).items():
        assert target.read_text(encoding="utf-8") == text, "Run: python tools/handouts.py"


def test_a_prediction_is_found_with_what_came_out():
    def ran(source, text):
        outputs = [{"output_type": "execute_result", "data": {"text/plain": text}}]
        return {"cell_type": "code", "source": source, "outputs": outputs}

    cells = [
        {"cell_type": "markdown", "source": "Now the **bill**."},
        ran('bill = guess("What is the bill?", 0.05, 1.5, unit="dollars")', "What is the bill? …"),
        ran("bill.reveal(1.5, rows)", "It was 1.5 dollars.\n\na table that says 7."),
    ]
    assert handouts.predictions(handouts.NOTEBOOKS / "x.ipynb", cells) == [
        ("What is the bill?", "dollars", "1.5 dollars"),
    ]
    with pytest.raises(ValueError, match="nothing says what it was"):
        handouts.predictions(handouts.NOTEBOOKS / "x.ipynb", cells[:2])


def test_asking_for_help_writes_nothing(monkeypatch, capsys):
    monkeypatch.setattr(handouts, "write", lambda path: pytest.fail(f"wrote {path.stem}"))
    with pytest.raises(SystemExit) as ended:
        handouts.main(["--help"])
    assert ended.value.code == 0 and "handouts" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        handouts.main(["--no-such-option"])


def test_a_lesson_without_outputs_is_named_and_the_others_are_written(monkeypatch, capsys):
    def write(path):
        if path == LESSONS[2]:
            raise ValueError(
                f"{path.name}, after 'x': no question, or nothing that says what it was"
            )
        return [handouts.TEACHING / "sheets" / f"{path.stem}.md"]

    monkeypatch.setattr(handouts, "write", write)
    assert handouts.main([]) == 1
    said = capsys.readouterr().out
    assert said.count("written: ") == len(LESSONS) - 1
    assert f"✗ {LESSONS[2].name}" in said and f"--outputs-only {LESSONS[2].stem[:2]}" in said


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_prediction_exercise_and_claim_is_on_the_sheet(path):
    cells = read_notebook(path)["cells"]
    guesses = sum(map(minutes.is_guess, cells))
    sheet = (handouts.TEACHING / "sheets" / f"{path.stem}.md").read_text(encoding="utf-8")
    assert (
        len(re.findall(r"(?m)^\| \d+ \|.*\| ____________ \| ____________ \|$", sheet))
        == guesses
        > 0
    )
    assert sheet.count("☐") == len(handouts.exercises(cells)) > 1
    assert (
        1
        < len(re.findall(r"(?m)\| ____________________ \|$", sheet))
        == len(handouts.claims(cells))
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_notes_say_what_to_say_and_what_to_let_them_find(path):
    notes = (handouts.TEACHING / "lessons" / f"{path.stem}.md").read_text(encoding="utf-8")
    by_hand, _, made = notes.partition(handouts.MARK)
    for heading in ("## Minutes", "## Say", "## Let them find"):
        assert heading in by_hand, heading
    assert made.count("Ask back: *") >= 2


def practise(path):
    return int(re.search(r"(\d+) to practise", path.read_text(encoding="utf-8"))[1])


def test_the_minutes_of_the_plans_are_those_of_the_lessons_and_add_up(home):
    """In a plan each row is `| 9:00 | 20 | what |`: it begins when the row before is over."""
    text = (home / "teaching" / "README.md").read_text(encoding="utf-8")
    plans = re.findall(r"## (Half a day|A whole day)[^\n]*\n\n((?:\|[^\n]*\n)+)", text)
    assert [name for name, _ in plans] == ["Half a day", "A whole day"]
    for name, rows in plans:
        steps = [(int(h) * 60 + int(m), int(long), what) for h, m, long, what in STEP.findall(rows)]
        assert len(steps) > 5
        for (begin, long, what), (then, *_) in zip(steps, steps[1:], strict=False):
            assert begin + long == then, f"{name}: {what}"
        for path in LESSONS:
            number = path.stem[:2]
            planned = {"reading": 0, "exercises": 0}
            for _, long, what in steps:
                if kind := re.match(rf"\*\*{number}\*\*, (reading|exercises)", what):
                    planned[kind[1]] += long
            if planned["reading"]:
                lesson = read_notebook(path)
                assert planned["reading"] >= minutes.stated(lesson) - 2, f"{name}: {number}"
                assert planned["exercises"] >= practise(path) / 3, (
                    f"{name}: at least one exercise of {number}"
                )


STEP = re.compile(r"^\| (\d+):(\d\d) \| (\d+) \| (.+?) \|$", re.M)


def test_a_workshop_costs_people_times_the_recordings(cost, home, capsys):
    from mas_helpers.course import live_cost

    assert cost.main(["--people", "20", "--runs", "2", "03"]) == 0
    said = capsys.readouterr().out
    (one,) = [c for c in live_cost(home / "notebooks" / "recordings") if c.lesson == "03_parallel"]
    assert (
        f"${one.cost_usd:.4f}" in said
        and f"${one.cost_usd * 40:.2f}" in said
        and f"{one.calls * 40:,}" in said
    )
    assert "genai-prices" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "0"], "a whole number from 1 on"),
        (["1"], "There is no lesson 1. There are: 00_start_here, 01_agent"),
    ],
)
def test_what_cannot_be_computed_is_said(cost, capsys, arguments, words):
    with pytest.raises(SystemExit, match="2"):
        cost.main(arguments)
    assert words in capsys.readouterr().err


def test_a_lesson_that_asks_nobody_costs_nothing(cost, capsys):
    assert cost.main(["14"]) == 0
    assert re.search(r"in all\s+0\s", capsys.readouterr().out)
