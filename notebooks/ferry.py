"""The island ferry of lesson 16, which is invented: a question, a note for each worker, and the
team.
"""

from mas_helpers import HAIKU, OPUS, SONNET, Agent

QUESTION = "What did the ferry bring in last year, what did it cost, and what is left over?"

NOTES = {
    "tickets": "Ticket office, last year: 35,300 crossings sold, at 4.00 each.",
    "fuel": "Fuel book, last year by quarter: 3,900, then 2,800, then 2,600, then 4,900.",
    "crew": (
        "Pay book, last year: 93,000 in all. Questions about pay go to Ines Dahl, "
        "+44 1632 960 143, ines.dahl@ferry.example."
    ),
}

WORK = """You answer one part of a question about an island ferry, from the note below and nothing
else. One or two sentences, the total first, figures in digits. Leave out what your note does not
hold; others have it."""

WRITE = """You write one paragraph for the council of an island, from what its workers report about
the ferry. Use every figure, and work out what is left over. Add nothing of your own."""

EDIT = """You edit a paragraph for the council of an island. Put what is left over first. At most 40
words, figures unchanged. Add nothing of your own."""


def build_ferry(client):
    """The workers by name, the writer, and the editor."""
    models = {"tickets": SONNET, "fuel": HAIKU, "crew": HAIKU}
    workers = {
        name: Agent(name, models[name], f"{WORK}\n\n{note}", client=client)
        for name, note in NOTES.items()
    }
    writer = Agent("writer", SONNET, WRITE, client=client)
    return workers, writer, Agent("editor", OPUS, EDIT, client=client)
