# wrong: topic instead of category
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    topic: Literal["billing", "booking", "repair", "other", "lost_property"]
