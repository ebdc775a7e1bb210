# right: bounds in an Annotated type, and no other fields
from typing import Annotated, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field

Slices = Annotated[int, Field(gt=0, lt=49)]


class CakeOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    flavour: Literal["lemon", "nut", "plum"]
    slices: Slices
    writing: Optional[str] = None
