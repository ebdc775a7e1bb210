"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import httpx
import orchestrator
from crewai.llms.providers.openai.completion import OpenAICompletion
from openai import AsyncOpenAI, OpenAI
from prompts import SONNET, WORKERS

TITLE = "CrewAI"
TELEMETRY_OFF = {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_DISABLE_VERSION_CHECK": "true"}
TRANSPORT = "no argument for it: private methods of its OpenAICompletion replaced"


def build_worker(base_url):
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], base_url)

    async def work(task):
        return (await agent.kickoff_async(task)).raw

    return work


def hand_over(transport):
    OpenAICompletion._build_async_client = lambda llm: AsyncOpenAI(
        **llm._get_client_params(), http_client=httpx.AsyncClient(transport=transport)
    )
    OpenAICompletion._build_sync_client = lambda llm: OpenAI(
        **llm._get_client_params(), http_client=httpx.Client(transport=transport)
    )
