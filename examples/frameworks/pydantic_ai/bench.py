"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import httpx2
import orchestrator
from prompts import KEY, SONNET, WORKERS
from pydantic_ai.providers.anthropic import AnthropicProvider

TITLE = "Pydantic AI"
TELEMETRY_OFF = {}
TRANSPORT = "http_client= of AnthropicProvider"


def build_worker(base_url):
    provider = orchestrator.build_provider(base_url)
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], provider)

    async def work(task):
        return (await agent.run(task)).output

    return work


def hand_over(transport):
    orchestrator.build_provider = lambda base_url: AnthropicProvider(
        api_key=KEY, base_url=base_url, http_client=httpx2.AsyncClient(transport=transport)
    )
