"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import httpx2
import openai
import orchestrator
from agent_framework.openai import OpenAIChatCompletionClient
from prompts import KEY, SONNET, WORKERS

TITLE = "Agent Framework"
TELEMETRY_OFF = {}
TRANSPORT = "async_client= of OpenAIChatCompletionClient"


def build_worker(base_url):
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], base_url)

    async def work(task):
        return (await agent.run(task)).text

    return work


def hand_over(transport):
    http_client = httpx2.AsyncClient(transport=transport)
    orchestrator.build_client = lambda model, base_url: OpenAIChatCompletionClient(
        model=model,
        async_client=openai.AsyncOpenAI(
            api_key=KEY, base_url=f"{base_url}/v1", http_client=http_client
        ),
    )
