"""What the benchmark needs beside the orchestrator: a worker to call often, a transport to use."""

import anthropic
import orchestrator
from google.adk.runners import InMemoryRunner
from google.genai import types
from prompts import KEY, SONNET, WORKERS

TITLE = "Google ADK"
TELEMETRY_OFF = {}
TRANSPORT = "client= of AnthropicLlm"


def build_worker(base_url):
    client = orchestrator.build_client(base_url)
    agent = orchestrator.build_agent("data", SONNET, WORKERS["data"], client)
    runner = InMemoryRunner(agent=agent, app_name="pool")

    async def work(task):
        session = await runner.session_service.create_session(app_name="pool", user_id="user")
        message = types.Content(role="user", parts=[types.Part(text=task)])
        asked = {"user_id": "user", "session_id": session.id, "new_message": message}
        events = [event async for event in runner.run_async(**asked)]
        return events[-1].content.parts[-1].text

    return work


def hand_over(transport):
    http_client = anthropic.DefaultAsyncHttpxClient(transport=transport)
    orchestrator.build_client = lambda base_url: anthropic.AsyncAnthropic(
        api_key=KEY, base_url=base_url, http_client=http_client
    )
