# right: made by a function
from typing import Literal

from pydantic import Field, create_model

CakeOrder = create_model(
    "CakeOrder",
    flavour=(Literal["lemon", "nut", "plum"], ...),
    slices=(int, Field(ge=1, le=48)),
    writing=(str | None, None),
)
