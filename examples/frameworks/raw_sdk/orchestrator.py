"""The orchestrator of lesson 07 on the SDK alone: a plan, workers at once, one answer."""

import asyncio

from anthropic import AsyncAnthropic
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


def build_client(base_url):
    return AsyncAnthropic(api_key=KEY, base_url=base_url)


async def ask(client, model, system, prompt):
    message = await client.messages.create(
        model=model,
        max_tokens=MAX_TOKENS,
        system=system,
        messages=[{"role": "user", "content": prompt}],
    )
    return "".join(block.text for block in message.content if block.type == "text")


async def make_plan(client, question):
    message = await client.messages.parse(
        model=OPUS,
        max_tokens=MAX_TOKENS,
        system=PLAN,
        messages=[{"role": "user", "content": question}],
        output_format=Plan,
    )
    return message.parsed_output


def build(base_url):
    client = build_client(base_url)

    async def answer(question: str) -> str:
        plan = await make_plan(client, question)
        answers = await asyncio.gather(
            *(ask(client, SONNET, WORKERS[one.kind], one.task) for one in plan.subtasks)
        )
        results = [(one.task, text) for one, text in zip(plan.subtasks, answers, strict=True)]
        return await ask(client, OPUS, MERGE, synthesis_prompt(question, results))

    return answer
