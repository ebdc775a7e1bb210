"""The stand-in model: the Messages API on this machine, answering from replies that you write.

    python -m mas_stand_in replies.yaml --port 8000

or, in a test or a notebook, which need no file:

    entries = [{"when": {"user": "paid twice"}, "replies": [{"text": "Sorry."}]}]
    with serving(entries=entries) as base_url:
        client = anthropic.Anthropic(base_url=base_url, api_key="any")

With it an agent system can be recorded over a real socket by the real SDK where there is no key.
It needs `jsonschema`, which the extra `stand-in` brings.

server (the sockets) · replies (what may stand in a file, which entry answers) · messages_api (what
the API refuses, and how a message and its stream look; what of it is only modelled) · batches ·
chat_completions (the same replies, as OpenAI-compatible servers send them) · schema.
"""

from .replies import load
from .server import serving

__all__ = ["load", "serving"]
