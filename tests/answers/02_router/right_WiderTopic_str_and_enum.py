# right: an Enum of texts in the old way
from enum import Enum

from pydantic import BaseModel


class Category(str, Enum):
    BILLING = "billing"
    BOOKING = "booking"
    REPAIR = "repair"
    OTHER = "other"
    LOST_PROPERTY = "lost_property"


class WiderTopic(BaseModel):
    category: Category
