# wrong: `other` is gone
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "lost_property"]
