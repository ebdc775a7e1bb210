"""The orchestrator of lesson 07 in the OpenAI Agents SDK: agents, `Runner.run`, and one trace."""

import asyncio

from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, trace
from openai import AsyncOpenAI
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


def build_client(base_url):
    return AsyncOpenAI(api_key=KEY, base_url=f"{base_url}/v1")


def build_agent(name, model, instructions, client, output_type=None):
    return Agent(
        name=name,
        instructions=instructions,
        model=OpenAIChatCompletionsModel(model=model, openai_client=client),
        model_settings=ModelSettings(max_tokens=MAX_TOKENS),
        output_type=output_type,
    )


def build(base_url):
    client = build_client(base_url)
    planner = build_agent("planner", OPUS, PLAN, client, Plan)
    workers = {kind: build_agent(kind, SONNET, text, client) for kind, text in WORKERS.items()}
    synthesizer = build_agent("synthesizer", OPUS, MERGE, client)

    async def answer(question: str) -> str:
        with trace("orchestrator"):
            plan = (await Runner.run(planner, question)).final_output_as(Plan)
            runs = await asyncio.gather(
                *(Runner.run(workers[one.kind], one.task) for one in plan.subtasks)
            )
            answers = [run.final_output for run in runs]
            tasks = [one.task for one in plan.subtasks]
            prompt = synthesis_prompt(question, list(zip(tasks, answers, strict=True)))
            return (await Runner.run(synthesizer, prompt)).final_output

    return answer
