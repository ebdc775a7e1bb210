# right: inherits from the old type and says the field again
from typing import Literal

from pydantic import BaseModel


class Topic(BaseModel):
    category: Literal["billing", "booking", "repair", "other"]


class WiderTopic(Topic):
    category: Literal["billing", "booking", "repair", "other", "lost_property"]
