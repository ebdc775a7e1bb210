"""The orchestrator of lesson 07 in Microsoft's Agent Framework: a workflow whose planner fans out
to the workers, and whose synthesizer is their fan-in.
"""

import asyncio

from agent_framework import Agent, Executor, WorkflowBuilder, WorkflowContext, handler
from agent_framework.openai import OpenAIChatCompletionClient
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


def build_client(model, base_url):
    return OpenAIChatCompletionClient(model=model, api_key=KEY, base_url=f"{base_url}/v1")


def build_agent(name, model, instructions, base_url):
    return Agent(
        client=build_client(model, base_url),
        name=name,
        instructions=instructions,
        default_options={"max_tokens": MAX_TOKENS},
    )


class Member(Executor):
    def __init__(self, agent):
        super().__init__(id=agent.name)
        self.agent = agent


class Planner(Member):
    @handler
    async def plan(self, question: str, ctx: WorkflowContext[Plan]) -> None:
        ctx.set_state("question", question)
        reply = await self.agent.run(question, options={"response_format": Plan})
        await ctx.send_message(reply.value)


class Worker(Member):
    @handler
    async def work(self, plan: Plan, ctx: WorkflowContext[list]) -> None:
        tasks = [one.task for one in plan.subtasks if one.kind == self.id]
        replies = await asyncio.gather(*(self.agent.run(task) for task in tasks))
        await ctx.send_message(list(zip(tasks, [one.text for one in replies], strict=True)))


class Synthesizer(Member):
    @handler
    async def synthesize(self, parts: list[list], ctx: WorkflowContext[None, str]) -> None:
        results = [result for part in parts for result in part]
        prompt = synthesis_prompt(ctx.get_state("question"), results)
        await ctx.yield_output((await self.agent.run(prompt)).text)


def build(base_url):
    planner = Planner(build_agent("planner", OPUS, PLAN, base_url))
    workers = [Worker(build_agent(kind, SONNET, text, base_url)) for kind, text in WORKERS.items()]
    synthesizer = Synthesizer(build_agent("synthesizer", OPUS, MERGE, base_url))
    workflow = (
        WorkflowBuilder(start_executor=planner)
        .add_fan_out_edges(planner, workers)
        .add_fan_in_edges(workers, synthesizer)
        .build()
    )

    async def answer(question: str) -> str:
        return (await workflow.run(question)).get_outputs()[0]

    return answer
