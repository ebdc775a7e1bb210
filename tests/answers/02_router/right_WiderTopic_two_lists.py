# right: one list or the other
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking"] | Literal["repair", "other", "lost_property"]
