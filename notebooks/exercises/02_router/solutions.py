"""Solutions to the exercises of 02_router."""

from typing import Literal

from pydantic import BaseModel

from mas_helpers import ReplyMalformed


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost_property"]


async def category_of(request, router, output_type):
    try:
        topic = await router.parse(request, output_type)
    except ReplyMalformed:
        topic = await router.parse(request, output_type)
    return topic.category


def landed(pairs, specialists):
    counts = {"right": 0, "desk": 0, "wrong specialist": 0}
    for label, answer in pairs:
        if answer == label:
            counts["right"] += 1
        elif answer not in specialists:
            counts["desk"] += 1
        else:
            counts["wrong specialist"] += 1
    return counts
