"""The bakery of lesson 23: what it is asked and ordered, and helpers that ask through two doors."""

import random

from pydantic import BaseModel

from mas_helpers import HAIKU, Agent, fake_client

GPT = "gpt-6-luna"  # the stand-in answers under any name; yours is one that your server offers
# of the small model: by tools/record_small_model.py, and not by the stand-in
KEPT = {"mode": "replay"}

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


HOUSE = "You answer for a bakery, in one sentence."
SUNDAY = "Are you open on Sunday?"
STOCK = {
    "name": "stock",
    "input_schema": {"type": "object", "properties": {"item": {"type": "string"}}},
}
PRICES = """Price list. rye loaf 9 crowns; sourdough 11; roll 1; bun 2; pretzel 2; baguette 5;
apple cake 16; plum tart 14; croissant 3; cheesecake 18; walnut ring 12; lemon slice 4; poppy-seed
roll 13; honey cake 15; almond cake 17. Prices are for one piece. On Saturday after noon everything
costs half. A cake or a tart has to be ordered by noon of the day before; what isn't fetched by
closing time is given away. Whole grains cost nothing more, and neither does slicing."""


def turns(prompt, system=HOUSE):
    """The messages of a chat completion."""
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


async def ask_both(claude, other, prompt, *, most=1000, system=HOUSE, tool=None):
    """The message and the chat completion that answer the same prompt, with the same tool."""
    here, there = {}, {}
    if tool:
        function = {"name": tool["name"], "parameters": tool["input_schema"]}
        here, there = {"tools": [tool]}, {"tools": [{"type": "function", "function": function}]}
    return (
        await claude.messages.create(
            model=HAIKU, max_tokens=most, system=system, messages=turns(prompt)[1:], **here
        ),
        await other.chat.completions.create(
            model=GPT, max_completion_tokens=most, messages=turns(prompt, system), **there
        ),
    )


async def result_of(job):
    """What the job gives, or the error that it raises."""
    try:
        return await job
    except Exception as error:
        return error


def unreliable_clerk(wrong):
    """An agent that sends words instead of JSON that often, at random: a function, no model."""
    dice = random.Random(6)

    def answer(body):
        return (
            "Three rolls, gladly!" if dice.random() < wrong else '{"item": "roll", "quantity": 3}'
        )

    return Agent("clerk", HAIKU, CLERK, client=fake_client(answer))


def in_words(came):
    """What came, `2 × roll`, or the name of the error."""
    return f"{came.quantity} × {came.item}" if isinstance(came, Order) else type(came).__name__
