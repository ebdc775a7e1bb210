# right: values of an Enum, kept as texts
from enum import Enum

from pydantic import BaseModel, ConfigDict


class Category(Enum):
    A = "billing"
    B = "booking"
    C = "repair"
    D = "other"
    E = "lost_property"


class WiderTopic(BaseModel):
    model_config = ConfigDict(use_enum_values=True)

    category: Category
