"""The timeline whose bars can be clicked."""

from mas_helpers import HAIKU, Agent, fake_client, fan_out, run, trace
from mas_helpers.course import explore

VIEW = "application/vnd.jupyter.widget-view+json"


def answer(body):
    if body["system"] == "clerk":
        return {"status": 403, "error": {"type": "permission_error", "message": "no"}}
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    content = [{"type": "text", "text": f"the answer of {body['system']}"}]
    return {"content": content, "seconds": 2.0, "usage": usage}


def traced(*names):
    client = fake_client(answer, max_retries=0)
    with trace() as t:
        for name in names:
            try:
                run(Agent(name, HAIKU, name, client=client).run(f"a task for {name}"))
            except Exception as error:
                assert "403" in str(error)
    return t


def test_each_bar_can_be_clicked_and_shows_its_call():
    shown = explore(traced("reader", "writer", "clerk"))
    details = shown._details
    for button, name in zip(shown.buttons, ["reader", "writer", "clerk"], strict=True):
        button.click()
        assert f"a task for {name}" in details.value
    assert "✗ permission_error" in details.value
    shown.buttons[0].click()
    assert "the answer of reader" in details.value and "1,000" in details.value


def test_buttons_lie_on_their_bars():
    shown = explore(traced("reader", "writer"))
    lefts = [int(button.layout.margin.split()[-1][:-2]) for button in shown.buttons]
    widths = [int(button.layout.width[:-2]) for button in shown.buttons]
    assert abs(lefts[0] + widths[0] - lefts[1]) <= 1  # one begins where the other ends


def test_the_stored_page_shows_the_picture_and_the_last_call():
    shown = explore(traced("reader", "writer"))
    assert "the answer of writer" in shown.html and "<img" in shown.html
    before = shown.html
    shown.buttons[0].click()
    bundle = shown._repr_mimebundle_()
    assert bundle["text/html"] == before and VIEW in bundle


def test_a_trace_without_calls_is_shown_as_such():
    with trace() as t:
        pass
    assert "Nothing ran" in explore(t).text
    assert VIEW not in explore(t)._repr_mimebundle_()


def test_a_hundred_calls_get_sixty_buttons():
    async def many():
        client = fake_client(answer)
        jobs = {str(n): Agent(str(n), HAIKU, "x", client=client).run("?") for n in range(100)}
        await fan_out(jobs)

    with trace() as t:
        run(many())
    assert len(explore(t).buttons) == 60
