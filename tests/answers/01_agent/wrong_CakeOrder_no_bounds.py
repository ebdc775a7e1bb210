# wrong: any number of slices
from typing import Literal

from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int
    writing: str | None = None
