"""The mountain hut of lessons 12 and 13, which is invented: a question, a note for each worker, and
the team.
"""

from dataclasses import replace

from mas_helpers import OPUS, SONNET, Agent, fake_client

QUESTION = "Can a group of twelve come up to the hut on Saturday?"

NOTES = {
    "beds": "Bed book, Saturday: 30 beds. Booked: a party of 11, a party of 4, a party of 2.",
    "weather": (
        "Forecast for Saturday: dry until 15:00, 9 degrees at noon, then showers, "
        "thunder possible from 17:00."
    ),
    "path": (
        "Warden's log. Wednesday: lower footbridge lost 2 planks. Thursday: mended. "
        "The walk up takes 3 hours."
    ),
}

PLAN = """You plan work for the keeper of a mountain hut. Split the question into 2 to 4 subtasks
that all begin at once. Each goes to one worker, by its kind: beds has the bed book, weather the
forecast, path the warden's log. A worker sees its subtask and its own note and nothing else, so
each subtask says all that its worker needs. Under needs, list the numbers of the subtasks whose
results it needs."""

WORK = """You answer one question for the keeper of a mountain hut, from the note below and nothing
else. At most two sentences, the answer first. Give figures in digits, and say what they come from.
What the note does not hold you do not guess: say in one sentence that it is not there. Do not
advise; somebody else decides."""

MERGE = """You answer a question of the keeper of a mountain hut. You get the question, and results
of work on it, each under its task. Use the results and nothing else. At most 60 words, the
decision first, figures in digits. Do not speak of tasks or results. Where a result is missing, say
in one sentence what the answer cannot tell."""


def build_team(client):
    """The planner, its workers by their kinds, and the synthesizer."""
    workers = {
        kind: Agent(kind, SONNET, f"{WORK}\n\n{note}", client=client)
        for kind, note in NOTES.items()
    }
    planner = Agent("planner", OPUS, PLAN, client=client)
    return planner, workers, Agent("synthesizer", OPUS, MERGE, client=client)


def recast(agents, play):
    """`cast`: the same agents by name, with a function as their model, and with the faults that you
    hand over: `cast(Fault("timeout", agent="path"))["path"]`. A model that none of them has is not
    found (404).
    """
    models = {agent.model for agent in agents}

    def model(body):
        if body["model"] not in models:
            error = {"type": "not_found_error", "message": f"model: {body['model']}"}
            return {"status": 404, "error": error}
        return play(body)

    def cast(*faults, **options):
        faulty = fake_client(model, faults=faults, **options)
        return {agent.name: replace(agent, client=faulty) for agent in agents}

    return cast


async def stream(agent):
    """The agent's reply to QUESTION, streamed."""
    request = {"model": agent.model, "max_tokens": agent.max_tokens, "system": agent.system}
    messages = [{"role": "user", "content": QUESTION}]
    async with agent.client.messages.stream(messages=messages, **request) as events:
        return await events.get_final_message()
