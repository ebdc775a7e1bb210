# right: a plain Enum for the flavour
from enum import Enum

from pydantic import BaseModel, Field


class Flavour(Enum):
    LEMON = "lemon"
    NUT = "nut"
    PLUM = "plum"


class CakeOrder(BaseModel):
    flavour: Flavour
    slices: int = Field(ge=1, le=48)
    writing: str | None = None
