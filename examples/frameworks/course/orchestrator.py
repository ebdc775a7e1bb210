"""The orchestrator of lesson 07 as the course has it: plan checked, no part lost, gaps named."""

from prompts import KEY, MAX_TOKENS, MERGE, PLAN, WORKERS

from mas_helpers import OPUS, SONNET, Agent, connect, orchestrate


def build_client(base_url):
    return connect("pool", mode="live", base_url=base_url, api_key=KEY)


def build_agent(name, model, system, client):
    return Agent(name, model, system, client=client, max_tokens=MAX_TOKENS)


def build(base_url):
    client = build_client(base_url)
    planner = build_agent("planner", OPUS, PLAN, client)
    workers = {kind: build_agent(kind, SONNET, system, client) for kind, system in WORKERS.items()}
    synthesizer = build_agent("synthesizer", OPUS, MERGE, client)

    async def answer(question: str) -> str:
        return (await orchestrate(question, planner, workers, synthesizer)).text

    return answer
