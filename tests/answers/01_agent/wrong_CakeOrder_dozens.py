# wrong: only multiples of six
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48, multiple_of=6)
    writing: str | None = None
