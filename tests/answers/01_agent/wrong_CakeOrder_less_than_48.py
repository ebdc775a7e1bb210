# wrong: 47 at most
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(gt=0, lt=48)
    writing: str | None = None
