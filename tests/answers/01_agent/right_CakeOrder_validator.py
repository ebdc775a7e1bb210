# right: a validator looks at the number
from typing import Literal

from pydantic import BaseModel, field_validator


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int
    writing: str | None = None

    @field_validator("slices")
    @classmethod
    def fits(cls, slices):
        if not 1 <= slices <= 48:
            raise ValueError("from 1 to 48")
        return slices
