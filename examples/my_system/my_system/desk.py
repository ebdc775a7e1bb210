"""The desk. This is where you write; split it into as many modules as you like."""

from collections.abc import Callable

from .contract import DOCUMENTS, Answer, Desk, DeskError

__all__ = ["DOCUMENTS", "Answer", "Desk", "DeskError", "answer", "decide", "loan"]


async def answer(ticket: str, question: str, desk: Desk) -> Answer:
    """The answer to a customer's letter; what couldn't be looked at is named in it.

    The same ticket after a kill goes on where it stopped. Another ticket is another letter. Raises
    DeskError (or NoAnswer, or APIError) where there's no answer at all.
    """
    raise NotImplementedError(
        "ask one worker for each document, all at once, then join what they said"
    )


async def loan(ticket: str, wish: str, desk: Desk, lend: Callable[[str], None]) -> str:
    """`"waiting"` until a person has decided, then `"lent"` or `"refused"`.

    After a yes it calls `lend(wish)`, once, however often it's asked.
    """
    raise NotImplementedError("put the wish to a person, and lend only after a yes")


def decide(ticket: str, yes: bool, by: str, desk: Desk) -> None:
    """Keeps what a person has decided about a loan, where another process finds it. The first
    decision holds.
    """
    raise NotImplementedError("keep the decision in desk.folder")
