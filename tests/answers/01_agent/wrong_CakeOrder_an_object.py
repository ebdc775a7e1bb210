# wrong: an order, not the class
from typing import Literal

from pydantic import BaseModel, Field


class Cake(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None


CakeOrder = Cake(flavour="nut", slices=12)
