"""The orchestrator of lesson 07 in Agno: a workflow of steps, the middle ones parallel."""

import asyncio

from agno.agent import Agent
from agno.models.anthropic import Claude
from agno.workflow import Parallel, Step, StepInput, StepOutput, Workflow
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


def build_model(model, base_url):
    return Claude(
        id=model, api_key=KEY, max_tokens=MAX_TOKENS, client_params={"base_url": base_url}
    )


def build_agent(name, model, instructions, base_url, output_schema=None):
    return Agent(
        name=name,
        model=build_model(model, base_url),
        system_message=instructions,
        output_schema=output_schema,
    )


def build_worker_step(kind, base_url):
    worker = build_agent(kind, SONNET, WORKERS[kind], base_url)

    async def work(step_input: StepInput) -> StepOutput:
        subtasks = step_input.get_step_output("plan").content.subtasks
        tasks = [one.task for one in subtasks if one.kind == kind]
        runs = await asyncio.gather(*(worker.arun(task) for task in tasks))
        return StepOutput(content=list(zip(tasks, [run.content for run in runs], strict=True)))

    return Step(name=kind, executor=work)


def build(base_url):
    planner = build_agent("planner", OPUS, PLAN, base_url, Plan)
    synthesizer = build_agent("synthesizer", OPUS, MERGE, base_url)

    async def synthesize(step_input: StepInput) -> StepOutput:
        steps = [step_input.get_step_output(kind) for kind in WORKERS]
        results = [result for step in steps if step for result in step.content]
        prompt = synthesis_prompt(step_input.input, results)
        return StepOutput(content=(await synthesizer.arun(prompt)).content)

    workflow = Workflow(
        name="orchestrator",
        steps=[
            Step(name="plan", agent=planner),
            Parallel(*(build_worker_step(kind, base_url) for kind in WORKERS), name="work"),
            Step(name="synthesize", executor=synthesize),
        ],
    )

    async def answer(question: str) -> str:
        return (await workflow.arun(input=question)).content

    return answer
