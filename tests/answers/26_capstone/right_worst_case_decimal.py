# right: exact, with fractions
from fractions import Fraction


def worst_case(workers, writer, usd):
    price = {name: Fraction(str(one)) for name, one in usd.items()}
    heard, total = 0, Fraction(0)
    for call in [*workers, writer]:
        read = call["input_tokens"] + (heard if call is writer else 0)
        total += call["attempts"] * (read * price["input"] + call["max_tokens"] * price["output"])
        heard += call["max_tokens"]
    slowest = max([worker["seconds"] for worker in workers], default=0)
    return float(total), slowest + writer["seconds"]
