"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import anthropic
import orchestrator
from prompts import SONNET, WORKERS

TITLE = "the course"
TELEMETRY_OFF = {}
TRANSPORT = 'connect("name", mode="record")'


def build_worker(base_url):
    client = orchestrator.build_client(base_url)
    return orchestrator.build_agent("data", SONNET, WORKERS["data"], client).run


def hand_over(transport):
    orchestrator.connect = lambda name, mode, **options: anthropic.AsyncAnthropic(
        http_client=anthropic.DefaultAsyncHttpxClient(transport=transport), **options
    )
