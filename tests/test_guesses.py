"""Guesses: nothing is told before the choice, and no guess can break a cell."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from mas_helpers.course.guesses import guess
from mas_helpers.pictures import table

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def cell():
    """Runs a cell as a notebook does; what it displayed, as MIME bundles."""
    shell = InteractiveShell.instance()

    def run_cell(source):
        with capture_output() as captured:
            result = shell.run_cell(source, store_history=True)
            result.raise_error()
        return captured, result.result

    yield run_cell
    InteractiveShell.clear_instance()


def buttons_of(question):
    return question.widget.children[1]


def test_a_choice_is_right_when_no_other_is_nearer_to_what_was_measured():
    question = guess("How long?", 3, 4, 9, unit="s")
    question.choose(4)
    assert question.judge(4.1) == ("right", "You guessed 4 s. It was 4.1 s.")
    assert question.judge(8.0)[0] == "wrong"


def test_the_verdict_says_by_how_much():
    question = guess("How long?", 3, 4, 9, unit="s")
    question.choose(9)
    assert question.judge(4.0)[1] == "You guessed 9 s. It was 4.0 s. That is 5.0 s too high."
    question.choose(3)
    assert question.judge(4.0)[1].endswith("That is 1.0 s too low.")


@pytest.mark.parametrize(
    ("number", "verdict"),
    [(7.3, "right"), (7.4, "right"), (8, "close"), (5.6, "close"), (5, "wrong"), (73, "wrong")],
)
def test_a_typed_number_is_right_close_or_wrong(number, verdict):
    question = guess("How long does the error take to arrive?", unit="s")
    question.choose(number)
    assert question.judge(7.3)[0] == verdict


def test_a_word_is_right_when_it_is_the_word():
    question = guess("Which one is on the critical path?", "researcher", "writer")
    question.choose("writer")
    assert question.judge("Writer") == ("right", "You guessed writer. It was Writer.")
    assert question.judge("researcher")[0] == "wrong"


def test_a_guess_never_breaks_a_cell_whatever_the_types():
    question = guess("How many?", "none", "all")
    question.choose("none")
    assert question.judge(3) == ("wrong", "You guessed none. It was 3.")
    assert question.judge(object())[0] == "wrong"
    assert guess("And now?").judge(3) == ("", "It was 3.")


def test_in_the_stored_page_the_answer_is_folded_with_all_that_would_tell_it():
    question = guess("How long, all three together?", 4, 9, unit="s")
    reveal = question.reveal(4.0, table([("measured", "4.0 s")], ["what", "seconds"]), "and so on")
    folded, closing, rest = reveal.html.partition("</details>")
    assert folded.startswith("<details><summary>Guess first, then open</summary>")
    assert (closing, rest) == ("</details>", "")
    assert "4.0 s" in folded and "measured" in folded and "and so on" in folded
    assert " open" not in folded.split(">")[0]


def test_in_a_notebook_the_answer_opens_when_a_button_is_pressed(cell):
    captured, question = cell(
        "from mas_helpers.course.guesses import guess\n"
        "how_long = guess('How long do these take?', 4, 9, unit='s')"
    )
    [shown] = captured.outputs
    assert VIEW in shown.data
    assert "How long do these take?" in shown.data["text/html"]
    _, reveal = cell("how_long.reveal(4.0)")
    question = reveal._guess
    assert "<details>" in reveal.widget.value and "✓" not in reveal.widget.value
    buttons_of(question).value = 4
    assert "<details>" not in reveal.widget.value
    assert "✓ Right. You guessed 4 s. It was 4.0 s." in reveal.widget.value
    buttons_of(question).value = 9
    assert "✗ Not quite. You guessed 9 s. It was 4.0 s. That is 5.0 s too high." in (
        reveal.widget.value
    )


def test_a_field_takes_a_number_in_the_ways_that_people_write_one(cell):
    _, question = cell("from mas_helpers.course.guesses import guess\nq = guess('Dollars?')\nq")
    _, reveal = cell("q.reveal(1200)")
    field, note, _ = reveal._guess.widget.children[1].children
    for text, choice in {"1,200": 1200, "$1200": 1200, " 1200.5 ": 1200.5}.items():
        field.value = text
        assert reveal._guess.choice == choice
    for text in ("many", "1e999", "nan"):
        field.value = text
        assert reveal._guess.choice is None
        assert note.value.startswith("That isn&#x27;t a number.")
        assert "<details>" in reveal.widget.value


def test_a_guess_is_shown_once_also_as_the_last_line_of_its_cell(cell):
    captured, _ = cell("from mas_helpers.course.guesses import guess\nguess('Once?', 1, 2)")
    assert len(captured.outputs) == 1
    captured, _ = cell("twice = guess('Twice?', 1, 2)")
    again, _ = cell("twice")
    assert len(captured.outputs) == len(again.outputs) == 1


def test_running_the_cell_again_forgets_no_guess(cell):
    cell("from mas_helpers.course.guesses import guess\nq = guess('Which one, again?', 1, 2)")
    _, reveal = cell("q.reveal(1)")
    buttons_of(reveal._guess).value = 2
    cell("q = guess('Which one, again?', 1, 2)")
    _, again = cell("q.reveal(1)")
    assert buttons_of(again._guess).value == 2
    assert "You guessed 2." in again.widget.value


def test_what_is_stored_is_the_same_before_and_after_a_guess(cell):
    cell("from mas_helpers.course.guesses import guess\nq = guess('Is it stored?', 1, 2)")
    _, reveal = cell("q.reveal(1)")
    before = reveal._repr_mimebundle_()["text/html"]
    buttons_of(reveal._guess).value = 2
    assert reveal._repr_mimebundle_()["text/html"] == before


def test_a_question_with_markup_is_shown_as_its_text():
    question = guess("Is 1 < 2 & 2 < 3?", "<b>", "no")
    assert "1 &lt; 2 &amp; 2 &lt; 3?" in question.html and "&lt;b&gt;" in question.html
    assert "&lt;b&gt;" in question.reveal("<b>").html
