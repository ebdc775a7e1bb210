# wrong: lost-property, which the dict doesn't have
from typing import Literal

from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: Literal["billing", "booking", "repair", "other", "lost-property"]
