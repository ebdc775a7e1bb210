"""The orchestrator of lesson 07 in Google's Agent Development Kit: a workflow of nodes, one of
which runs for all subtasks at once.
"""

from anthropic import AsyncAnthropic
from google.adk import Context, Workflow
from google.adk.agents import LlmAgent
from google.adk.models.anthropic_llm import AnthropicLlm
from google.adk.runners import InMemoryRunner
from google.adk.workflow import node
from google.genai import types
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


def build_client(base_url):
    return AsyncAnthropic(api_key=KEY, base_url=base_url)


def build_agent(name, model, instructions, client, output_schema=None):
    # thinking said aloud: otherwise a schema becomes a forced tool, which these models refuse
    config = types.GenerateContentConfig(
        max_output_tokens=MAX_TOKENS,
        thinking_config=types.ThinkingConfig(thinking_budget=-1) if output_schema else None,
    )
    return LlmAgent(
        name=name,
        model=AnthropicLlm(model=model, client=client),
        static_instruction=instructions,
        output_schema=output_schema,
        generate_content_config=config,
        include_contents="none",
    )


def build_runner(base_url):
    client = build_client(base_url)
    planner = build_agent("planner", OPUS, PLAN, client, Plan)
    workers = {kind: build_agent(kind, SONNET, text, client) for kind, text in WORKERS.items()}
    synthesizer = build_agent("synthesizer", OPUS, MERGE, client)

    def split(node_input: dict) -> list[dict]:
        return node_input["subtasks"]

    @node(parallel_worker=True, rerun_on_resume=True)
    async def work(ctx: Context, node_input: dict) -> tuple[str, str]:
        task = node_input["task"]
        return task, await ctx.run_node(workers[node_input["kind"]], task)

    def collect(ctx: Context, node_input: list) -> str:
        return synthesis_prompt(ctx.user_content.parts[0].text, node_input)

    steps = ("START", planner, split, work, collect, synthesizer)
    return InMemoryRunner(node=Workflow(name="orchestrator", edges=[steps]), app_name="pool")


def build(base_url):
    runner = build_runner(base_url)

    async def answer(question: str) -> str:
        session = await runner.session_service.create_session(app_name="pool", user_id="user")
        message = types.Content(role="user", parts=[types.Part(text=question)])
        events = [
            event
            async for event in runner.run_async(
                user_id="user", session_id=session.id, new_message=message
            )
        ]
        return events[-1].content.parts[-1].text

    return answer
