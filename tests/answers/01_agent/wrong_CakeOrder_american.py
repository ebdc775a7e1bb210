# wrong: flavor
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavor: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None
