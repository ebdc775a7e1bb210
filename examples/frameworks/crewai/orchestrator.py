"""The orchestrator of lesson 07 in CrewAI: a flow of three steps, whose steps ask agents."""

import asyncio

from crewai import LLM, Agent
from crewai.flow.flow import Flow, listen, start
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt
from pydantic import BaseModel


def build_llm(model, base_url):
    return LLM(
        model=model,
        custom_openai=True,
        base_url=f"{base_url}/v1",
        api_key=KEY,
        max_tokens=MAX_TOKENS,
    )


def build_agent(role, model, instructions, base_url):
    return Agent(
        role=role,
        goal="Do what you are told in your backstory.",
        backstory=instructions,
        llm=build_llm(model, base_url),
    )


class State(BaseModel):
    question: str = ""


def build(base_url):
    planner = build_agent("planner", OPUS, PLAN, base_url)
    workers = {kind: build_agent(kind, SONNET, text, base_url) for kind, text in WORKERS.items()}
    synthesizer = build_agent("synthesizer", OPUS, MERGE, base_url)

    class Orchestrator(Flow[State]):
        @start()
        async def plan(self):
            reply = await planner.kickoff_async(self.state.question, response_format=Plan)
            return reply.pydantic

        @listen(plan)
        async def work(self, plan):
            replies = await asyncio.gather(
                *(workers[one.kind].kickoff_async(one.task) for one in plan.subtasks)
            )
            return [
                (one.task, reply.raw) for one, reply in zip(plan.subtasks, replies, strict=True)
            ]

        @listen(work)
        async def synthesize(self, results):
            prompt = synthesis_prompt(self.state.question, results)
            return (await synthesizer.kickoff_async(prompt)).raw

    async def answer(question: str) -> str:
        return await Orchestrator().kickoff_async(inputs={"question": question})

    return answer
