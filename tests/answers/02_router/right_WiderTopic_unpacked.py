# right: the words of a tuple
from typing import Literal

from pydantic import BaseModel


OLD = ("billing", "booking", "repair", "other")


class WiderTopic(BaseModel):
    """What a customer's message is about."""

    category: Literal[(*OLD, "lost_property")]
