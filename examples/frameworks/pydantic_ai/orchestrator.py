"""The orchestrator of lesson 07 in Pydantic AI: typed agents, and Python between them."""

import asyncio

from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt
from pydantic_ai import Agent, ModelSettings, NativeOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider


def build_provider(base_url):
    return AnthropicProvider(api_key=KEY, base_url=base_url)


def build_agent(name, model, instructions, provider, output_type=str):
    return Agent(
        AnthropicModel(model, provider=provider),
        name=name,
        instructions=instructions,
        output_type=output_type,
        model_settings=ModelSettings(max_tokens=MAX_TOKENS),
    )


def build(base_url):
    provider = build_provider(base_url)
    planner = build_agent("planner", OPUS, PLAN, provider, NativeOutput(Plan))
    workers = {kind: build_agent(kind, SONNET, text, provider) for kind, text in WORKERS.items()}
    synthesizer = build_agent("synthesizer", OPUS, MERGE, provider)

    async def answer(question: str) -> str:
        plan = (await planner.run(question)).output
        runs = await asyncio.gather(*(workers[one.kind].run(one.task) for one in plan.subtasks))
        results = [(one.task, run.output) for one, run in zip(plan.subtasks, runs, strict=True)]
        return (await synthesizer.run(synthesis_prompt(question, results))).output

    return answer
