"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import anthropic
import orchestrator
from langchain_anthropic import chat_models

TITLE = "LangGraph"
TELEMETRY_OFF = {}
TRANSPORT = "no argument for it: a private function of langchain_anthropic replaced"


def build_worker(base_url):
    return orchestrator.build_worker("data", base_url)


def hand_over(transport):
    chat_models._get_default_async_httpx_client = lambda **options: (
        anthropic.DefaultAsyncHttpxClient(transport=transport, **options)
    )
