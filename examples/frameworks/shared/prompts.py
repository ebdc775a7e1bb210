"""What all the orchestrators here share: question, prompts, material, models and limits of lesson
07, the shape of a plan, and what the synthesizer reads.

Copies of notebooks/pool.py, which needs mas_helpers, and of notebooks/agents.py; a test compares
them.
"""

from pydantic import BaseModel

OPUS, SONNET, MAX_TOKENS = "claude-opus-5-5", "claude-sonnet-5-5", 4000
KEY = "stand-in"  # the stand-in model takes any
QUESTION = (
    "Did opening at six in June pay, and how is the cashier to count the early visits from now on?"
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

WORKERS = {
    "data": f"{DATA}\n\n{TABLE}",
    "summary": f"{SUMMARY}\n\n{COMMENTS}",
    "code": f"{CODE}\n\n{FORMAT}",
}


class Subtask(BaseModel):
    """One worker's share: its kind, all it is told, and the subtasks whose results it needs."""

    kind: str
    task: str
    needs: list[int]


class Plan(BaseModel):
    """How a question is split up."""

    subtasks: list[Subtask]


def synthesis_prompt(question: str, results: list[tuple[str, str]]) -> str:
    """What the synthesizer reads: the question, and each task with its answer."""
    parts = [f"Task: {task}\n{answer}" for task, answer in results]
    return "\n\n".join([f"Question: {question}", *parts])
