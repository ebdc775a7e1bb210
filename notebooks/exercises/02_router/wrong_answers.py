"""Tempting wrong answers to the exercises of 02_router, and what is wrong with them."""

from pydantic import BaseModel, Field

from mas_helpers import ReplyMalformed


class WiderTopic(BaseModel):
    """The description asks for five words and enforces none of them: any text is a `str`.

    A word that nobody knows goes to the desk, as if the router had meant it.

    Ask back: which part of this does the model read as a wish, and which can it not get around?
    """

    category: str = Field(description="billing, booking, repair, other or lost_property")


async def category_of(request, router, output_type):
    """After two malformed replies it says `"other"`, a word that the router never said.

    The caller can't tell it from a request that really is about something else.

    Ask back: how does a caller who gets "other" know which of the two it was? Who would ever fix
    the router?
    """
    for _ in range(2):
        try:
            topic = await router.parse(request, output_type)
            return topic.category
        except ReplyMalformed:
            continue
    return "other"


def landed(pairs, specialists):
    """It asks whether there is a specialist before it asks whether the word is right.

    So an `"other"` that was sorted correctly counts as one that the desk had to catch, and the
    router looks worse than it is.

    Ask back: where should a request labelled "other" end up? Which of your three numbers counts it?
    """
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, answer in pairs:
        if answer not in specialists:
            counts["desk"] += 1
        elif answer == label:
            counts["right"] += 1
        else:
            counts["wrong specialist"] += 1
    return counts
