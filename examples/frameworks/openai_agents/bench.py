"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

from functools import partial

import httpx2
import orchestrator
from agents import Runner
from openai import AsyncOpenAI
from prompts import SONNET, WORKERS

TITLE = "OpenAI Agents SDK"
TELEMETRY_OFF = {"OPENAI_AGENTS_DISABLE_TRACING": "1"}
TRANSPORT = "http_client= of AsyncOpenAI"


def build_worker(base_url):
    client = orchestrator.build_client(base_url)
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], client)

    async def work(task):
        return (await Runner.run(agent, task)).final_output

    return work


def hand_over(transport):
    http_client = httpx2.AsyncClient(transport=transport)
    orchestrator.AsyncOpenAI = partial(AsyncOpenAI, http_client=http_client)
