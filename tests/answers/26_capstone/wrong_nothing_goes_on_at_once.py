# wrong: it looks at the bill at once, and never again
from mas_helpers import run


def nothing_goes_on(play):
    for slow in ("", "fees", "sizes", "care", "writer"):
        ask, paid = play(slow)
        try:
            run(ask(), clock="virtual")
        except DeskError:
            pass
        assert paid() < 0.01
