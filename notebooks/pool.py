"""The public swimming pool of lessons 06, 07 and 14, which is invented: a question, three pieces of
material, who works on them, and the facts that a good answer holds. For lesson 14, a function that
plays the model, and dots for a long search.
"""

import itertools
import json
import re

from mas_helpers import OPUS, SONNET, Agent

QUESTION = (
    "Was opening at six in June worth it, and how can the cashier go on counting the early visits?"
)

WEEKS = [(84, 420), (112, 420), (131, 450), (153, 450)]  # early visits, extra cost
ROWS = "\n".join(
    f"week {number}: {visits} early visits, extra cost {cost}"
    for number, (visits, cost) in enumerate(WEEKS, 1)
)
TABLE = f"Opening at six in June. An early visit pays 4.\n{ROWS}"

COMMENTS = """- Six suits me: I swim and am at work by eight.
- The showers are cold before seven.
- Empty lanes, for once. Keep it.
- Lovely, but for the cold showers.
- Why not on Saturdays too?
- I come twice a week now, before it was once.
- Only one changing room open, and cold showers.
- Saturday at six would suit us best.
- Please keep it, and add Saturday.
- Showers cold again on Thursday.
- The showers need an hour to get warm."""

FORMAT = """The turnstile writes one text file a month. Its first line is a heading.
Every other line is one passage: date;time;direction;gate, as in 2026-06-02;06:41;in;A
The direction is in or out. Gates A and B are for visitors, gate S is for staff.
The time has 24 hours and always five characters. The early hours are from 06:00 to 08:00."""

PLAN = """You plan work for a public swimming pool. Split the question into 2 to 4 subtasks that all
begin at once. Each goes to one worker, by its kind:
- data: has June's early visits and their cost, week by week. Answers with figures.
- summary: has what visitors wrote about the early hours. Says what they praise and ask for, and
  how many.
- code: has the description of the turnstile's file. Writes a Python function.
A worker sees its subtask and its own material: not the question, not another subtask, no other
result. So each subtask says all that its worker needs. Under needs, list the numbers of the
subtasks whose results it needs."""

DATA = """You answer questions about the figures of a public swimming pool. Use the table and
nothing else. Give each figure in digits and on a line of its own, with the sum that it comes from.
At most 80 words. If the table does not hold an answer, say so."""

SUMMARY = """You sum up what the visitors of a public swimming pool say. Use the comments and
nothing else. One line for each point, the most frequent first, and how many comments make it, in
digits, as in 2 of 7. At most 60 words. What the comments do not say, leave out."""

CODE = """You write Python for the cashier of a public swimming pool. Return one code block and
nothing else. Standard library only, at most 15 lines, a function and no call of it. Use the
description of the file below. What it does not say, do not assume."""

MERGE = """You answer a question of those who run a public swimming pool.
You get the question, and results of work on it, each under its task. Use the results and nothing
else. Write one answer in plain words, at most 90 words, then the code, if there is any, unchanged
and in one code block. Keep figures as they are, in digits. Do not speak of tasks or results.
Where a result is missing, say in one sentence what the answer cannot tell."""

# one agent in place of the team: it gets all of the material
ALONE = """You answer a question of those who run a public swimming pool. Use the material below
and nothing else. Write one answer in plain words, at most 90 words, then a Python function in one
code block, standard library only. Give figures in digits, and how many comments make a point as in
2 of 7."""


def build_team(client):
    """The planner and its workers by their kinds: `planner, workers = build_team(client)`."""
    material = {
        "data": f"{DATA}\n\n{TABLE}",
        "summary": f"{SUMMARY}\n\n{COMMENTS}",
        "code": f"{CODE}\n\n{FORMAT}",
    }
    workers = {
        kind: Agent(kind, SONNET, system, client=client) for kind, system in material.items()
    }
    return Agent("planner", OPUS, PLAN, client=client), workers


VISITS, COST = sum(visits for visits, _ in WEEKS), sum(cost for _, cost in WEEKS)
LINES = COMMENTS.casefold().splitlines()
FACTS = {
    "early visits": VISITS,
    "brought in": 4 * VISITS,
    "cost": COST,
    "left over": 4 * VISITS - COST,
    "on showers": f"{sum('shower' in line for line in LINES)} of {len(LINES)}",
    "on Saturdays": f"{sum('saturday' in line for line in LINES)} of {len(LINES)}",
}


def facts_in(text):
    """The names of the facts whose figure is in the text, whatever the commas: `["cost"]`.

    A figure in a wrong sentence counts too.
    """
    plain = text.replace(",", "").replace("of the ", "of ")
    return [name for name, figure in FACTS.items() if re.search(rf"\b{figure}\b", plain)]


# What lesson 14 breaks: who does which task, the seconds of each agent, and a function that plays
# the model. Each agent's system prompt is its name there.
TASKS = {
    "How many came at six?": "data",
    "What did it cost?": "data",
    "What do they say of it?": "summary",
}
SECONDS = {"planner": 3.0, "data": 4.0, "summary": 2.0, "synthesizer": 5.0}
READY_PLAN = {
    "subtasks": [{"kind": kind, "task": task, "needs": []} for task, kind in TASKS.items()]
}


def play_model(body):
    """What an agent of that name answers to a request, in its seconds."""
    name, prompt = body["system"], body["messages"][0]["content"]
    text = f"Done: {prompt}"
    if name == "planner":
        text = json.dumps(READY_PLAN)
    elif name == "synthesizer":
        # a reason behind the colon: with none, nobody can see that something is missing
        text = "Not all of it." if re.search("Missing: .", prompt) else "All of it."
    usage = {"input_tokens": 2000, "output_tokens": 500}
    content = [{"type": "text", "text": text}]
    return {"content": content, "seconds": SECONDS[name], "usage": usage}


def show_dots(function, every=10):
    """The function; it prints a dot at each tenth call, for you to see that it's at work."""
    calls = itertools.count(1)

    def work(*arguments):
        if next(calls) % every == 0:
            print(".", end="", flush=True)
        return function(*arguments)

    return work
