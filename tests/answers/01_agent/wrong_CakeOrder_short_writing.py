# wrong: a long text is cut
from typing import Literal

from pydantic import BaseModel, Field, field_validator


class CakeOrder(BaseModel):
    flavour: Literal["lemon", "nut", "plum"]
    slices: int = Field(ge=1, le=48)
    writing: str | None = None

    @field_validator("writing")
    @classmethod
    def cut(cls, text):
        return text and text[:8]
