# wrong: any text
from pydantic import BaseModel


class WiderTopic(BaseModel):
    category: str
