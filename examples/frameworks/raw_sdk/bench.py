"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

from functools import partial

import orchestrator
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from prompts import SONNET, WORKERS

TITLE = "raw SDK"
TELEMETRY_OFF = {}
TRANSPORT = "http_client= of AsyncAnthropic"


def build_worker(base_url):
    client = orchestrator.build_client(base_url)
    return partial(orchestrator.ask, client, SONNET, WORKERS["data"])


def hand_over(transport):
    orchestrator.AsyncAnthropic = partial(
        AsyncAnthropic, http_client=DefaultAsyncHttpxClient(transport=transport)
    )
