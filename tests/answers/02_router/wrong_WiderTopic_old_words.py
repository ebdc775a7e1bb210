# wrong: the new word is missing
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "other"]
