"""The orchestrator of lesson 07 as one program, on the SDK: a planner splits the question,
workers answer the parts at once, a synthesizer makes one answer and says what is missing.

  python agents.py                            the question of the lesson, offline, on its recording
  python agents.py "What do visitors want?"   with ANTHROPIC_API_KEY set: asks the API, for cents
"""

import asyncio
import os
import sys
from dataclasses import dataclass

from anthropic import AnthropicError, APIError, AsyncAnthropic, transform_schema
from anthropic.types import Message
from pool import CODE, COMMENTS, DATA, FORMAT, MERGE, PLAN, SUMMARY, TABLE
from pydantic import BaseModel, ValidationError

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
QUESTION = (
    "Did opening at six in June pay, and how is the cashier to count the early visits from now on?"
)
WORKERS = {
    "data": f"{DATA}\n\n{TABLE}",
    "summary": f"{SUMMARY}\n\n{COMMENTS}",
    "code": f"{CODE}\n\n{FORMAT}",
}


class NoAnswer(Exception):
    """Somebody without whom there is no answer gave none; the text says who and why."""


class Subtask(BaseModel):
    """One worker's share: its kind, all it is told, and the subtasks whose results it needs."""

    kind: str
    task: str
    needs: list[int]


class Plan(BaseModel):
    """How a question is split up."""

    subtasks: list[Subtask]


@dataclass
class Result:
    """A subtask and what came of it: the answer, or the reason why it is missing."""

    subtask: Subtask
    answer: str = ""
    missing: str = ""


async def ask(client, name, model, system, prompt, **extra):
    """The text of the answer. Raises NoAnswer for a cut, refused or empty one."""
    message: Message = await client.messages.create(
        model=model,
        system=system,
        max_tokens=4000,
        messages=[{"role": "user", "content": prompt}],
        **extra,
    )
    text = "".join(block.text for block in message.content if block.type == "text")
    if message.stop_reason != "end_turn" or not text.strip():
        raise NoAnswer(f"{name} gave no answer: {message.stop_reason}, {len(text)} characters")
    return text


def problems_of(plan):
    """What keeps a plan from being carried out at once, in words."""
    problems, seen = [], set()
    if not 2 <= len(plan.subtasks) <= 4:
        problems.append(f"it has {len(plan.subtasks)} subtasks, and must have 2 to 4")
    for number, subtask in enumerate(plan.subtasks, 1):
        if subtask.kind not in WORKERS:
            problems.append(
                f"subtask {number} is for {subtask.kind!r}; there are {', '.join(WORKERS)}"
            )
        if not subtask.task.strip() or (subtask.kind, subtask.task) in seen:
            problems.append(f"subtask {number} is empty, or is there twice")
        if subtask.needs:
            problems.append(f"subtask {number} needs another's result, and all begin at once")
        seen.add((subtask.kind, subtask.task))
    return problems


async def make_plan(client, question):
    """A plan that can be carried out; the planner is asked twice at most."""
    shape = {"format": {"type": "json_schema", "schema": transform_schema(Plan)}}
    prompt, problems = question, []
    for _ in range(2):
        text = await ask(client, "planner", OPUS, PLAN, prompt, output_config=shape)
        try:
            plan = Plan.model_validate_json(text)
            problems = problems_of(plan)
            if not problems:
                return plan
        except ValidationError as error:
            problems = [error.errors()[0]["msg"]]
        prompt = (
            f"{question}\n\nYour last plan was sent back:\n{text}\n\n"
            f"What is wrong: {'; '.join(problems)}. Make another one."
        )
    raise NoAnswer(f"the planner made no plan that can be carried out: {'; '.join(problems)}")


async def work(client, subtask):
    """The worker's answer with its subtask, or the reason why there is none."""
    try:
        system = WORKERS[subtask.kind]
        return Result(subtask, await ask(client, subtask.kind, SONNET, system, subtask.task))
    except (NoAnswer, APIError) as error:
        return Result(subtask, missing=str(error))


async def orchestrate(client, question):
    """The answer, and the results that it was made of."""
    plan = await make_plan(client, question)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(client, subtask)) for subtask in plan.subtasks]
    results = [task.result() for task in tasks]
    if all(result.missing for result in results):
        raise NoAnswer("; ".join(result.missing for result in results))
    parts = [
        f"Task: {result.subtask.task}\n{result.answer or f'Missing: {result.missing}'}"
        for result in results
    ]
    prompt = "\n\n".join([f"Question: {question}", *parts])
    return await ask(client, "synthesizer", OPUS, MERGE, prompt), results


def run(question):
    """What `orchestrate` gives: from the API, or without a key from the recording of lesson 07."""
    if os.environ.get("ANTHROPIC_API_KEY"):
        return asyncio.run(orchestrate(AsyncAnthropic(), question))
    import mas_helpers

    print("No key: this is played from the recording of lesson 07.\n", file=sys.stderr)
    client = mas_helpers.connect("07_orchestrator", mode="replay", strict=True)
    return mas_helpers.run(orchestrate(client, question))


def main(arguments):
    """The exit code: 0, or 1 with a sentence that says who gave no answer."""
    question = " ".join(arguments) or QUESTION
    try:
        answer, results = run(question)
    except (NoAnswer, AnthropicError) as error:
        print(error, file=sys.stderr)
        return 1
    print(answer)
    for result in results:
        if result.missing:
            print(f"\nMissing: {result.subtask.task} ({result.missing})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
