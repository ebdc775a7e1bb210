# wrong: whatever is written on it
from typing import Any, Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: Any = None
