# wrong: a pattern that lets more in than the words
from pydantic import BaseModel, Field


class CakeOrder(BaseModel):
    flavour: str = Field(pattern="lemon|nut|plum")
    slices: int = Field(ge=1, le=48)
    writing: str | None = None
