"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import anthropic
import orchestrator
from agno.models.anthropic import Claude
from prompts import KEY, MAX_TOKENS, SONNET, WORKERS

TITLE = "Agno"
TELEMETRY_OFF = {"AGNO_TELEMETRY": "false"}
TRANSPORT = "http_client in client_params= of Claude"


def build_worker(base_url):
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], base_url)

    async def work(task):
        return (await agent.arun(task)).content

    return work


def hand_over(transport):
    http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    orchestrator.build_model = lambda model, base_url: Claude(
        id=model,
        api_key=KEY,
        max_tokens=MAX_TOKENS,
        client_params={"base_url": base_url, "http_client": http_client},
    )
