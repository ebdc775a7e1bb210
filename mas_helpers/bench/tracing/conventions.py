"""What OpenTelemetry's conventions for generative AI require of a span.

Source: open-telemetry/semantic-conventions-genai v0.1.0, checked on 2026-11-27; all of it is still
called "Development" there. What is required where it is known counts as required: here it is known.
"""

from __future__ import annotations

from .call import Span, is_agent

EVERY_SPAN = ("gen_ai.operation.name", "gen_ai.provider.name")
BY_OPERATION = {
    "invoke_workflow": ("gen_ai.agent.name",),
    "invoke_agent": ("gen_ai.agent.name",),
    "execute_tool": ("gen_ai.tool.name", "gen_ai.tool.type", "gen_ai.tool.call.id"),
    "chat": ("gen_ai.request.model",),
}
BATCHES = "anthropic.messages.batches."  # hands in work and fetches it: no operation that they name


def missing_attributes(span: Span) -> list[str]:
    """The names of the attributes that a span should have and doesn't; `[]` if nothing is missing.

    A span that failed must say how, in `error.type`. An operation that the conventions don't name
    lacks its `gen_ai.operation.name`; a request about a batch needs none. The SDK's own tool runner
    is an agent without a name, and doesn't need one.
    """
    operation = str(span.attributes.get("gen_ai.operation.name"))
    required = [*EVERY_SPAN, *BY_OPERATION.get(operation, ())]
    if span.name.startswith(BATCHES):
        required.remove("gen_ai.operation.name")
    if operation == "invoke_agent" and not is_agent(span):
        required.remove("gen_ai.agent.name")
    if span.status.status_code.name == "ERROR":
        required.append("error.type")
    missing = [name for name in required if span.attributes.get(name) in (None, "")]
    named = operation in BY_OPERATION or span.name.startswith(BATCHES)
    if not named and "gen_ai.operation.name" not in missing:
        missing.append("gen_ai.operation.name")
    return missing
