# wrong: plum is missing
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None
