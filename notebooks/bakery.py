"""The bakery of lesson 23: eight orders as customers write them, and what each one means."""

from pydantic import BaseModel

CLERK = (
    'You take orders for a bakery. Answer with JSON alone, such as {"item": "roll", "quantity": 3}.'
)

ORDERS = {
    "Two loaves of rye, please.": ("rye", 2),
    "I'd like six rolls for Sunday.": ("roll", 6),
    "A dozen pretzels.": ("pretzel", 12),
    "Could I have one apple cake?": ("cake", 1),
    "Ten buns, as always.": ("bun", 10),
    "We need four baguettes at noon.": ("baguette", 4),
    "Three plum tarts, please.": ("tart", 3),
    "Just a croissant.": ("croissant", 1),
}


class Order(BaseModel):
    item: str
    quantity: int


def is_right(order, text):
    """True for the quantity that the customer wrote, of what they wrote; any wording of it."""
    item, quantity = ORDERS[text]
    return order.quantity == quantity and item in order.item.lower()
