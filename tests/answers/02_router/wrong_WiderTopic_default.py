# wrong: the desk when the router says nothing
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost_property"] = "other"
