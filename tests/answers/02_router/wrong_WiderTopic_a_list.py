# wrong: several categories at once
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: list[Literal["billing", "booking", "repair", "other", "lost_property"]]
