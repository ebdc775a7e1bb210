# wrong: the Literal without a model
from typing import Literal

WiderTopic = Literal["billing", "booking", "repair", "other", "lost_property"]
