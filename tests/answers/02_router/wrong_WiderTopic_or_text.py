# wrong: one of the words, or any text
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost_property"] | str
