# wrong: one slice when nothing is said
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(default=1, ge=1, le=48)
    writing: str | None = None
