"""Gives the desk's calls the names of its roles, so that a fault can be addressed: `Fault("reset",
agent="clerk")`.
"""

import pytest
import reply_desk

from mas_helpers import agent_span


@pytest.fixture(autouse=True)
def roles(monkeypatch):
    ask, draft = reply_desk.ask, reply_desk.draft

    async def named_ask(client, role, *args, **options):
        with agent_span(role):
            return await ask(client, role, *args, **options)

    async def named_draft(*args):
        with agent_span("writer"):
            return await draft(*args)

    monkeypatch.setattr(reply_desk, "ask", named_ask)
    monkeypatch.setattr(reply_desk, "draft", named_draft)
