# wrong: random can be computed
import random


def marked(text):
    mark = "".join(random.choices("0123456789abcdef", k=32))
    return f"{mark}\n{text}\n{mark}"
