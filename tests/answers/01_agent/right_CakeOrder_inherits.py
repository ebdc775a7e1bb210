# right: two classes, and a flavour in any case of letters
from typing import Literal

from pydantic import BaseModel, Field, field_validator


class Cake(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48, strict=True)

    @field_validator("flavour", mode="before")
    @classmethod
    def lower(cls, word):
        return word.strip().lower() if isinstance(word, str) else word


class CakeOrder(Cake):
    writing: str | None = None
