"""Which names for a feature the installed frameworks have: written to feature_names.json beside it.

    python examples/frameworks/run.py setup       their venvs, first
    python examples/frameworks/feature_names.py   looks into every venv that is there

It imports each name of NAMES in the framework's own venv. A name that is there is no proof that the
feature does what you want; a feature that isn't in NAMES was not looked for.
"""

import datetime
import importlib
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

from run import python_of

HERE = Path(__file__).resolve()
RESULTS = HERE.with_suffix(".json")
PACKAGES = {
    "langgraph": "langgraph",
    "pydantic_ai": "pydantic-ai-slim",
    "openai_agents": "openai-agents",
    "agno": "agno",
    "agent_framework": "agent-framework-core",
    "crewai": "crewai",
    "google_adk": "google-adk",
}
# "module:attribute", by framework and feature
NAMES = {
    "langgraph": {
        "routing": "langgraph.graph:StateGraph.add_conditional_edges",
        "workers at once": "langgraph.types:Send",
        "handing off": "langgraph.types:Command",
        "approval": "langgraph.types:interrupt",
        "resume": "langgraph.checkpoint.sqlite:SqliteSaver",
        "streaming": "langgraph.graph.state:CompiledStateGraph.astream",
        "memory": "langgraph.store.memory:InMemoryStore",
        "a deadline": "langgraph.types:TimeoutPolicy",
        "traces": "langsmith:traceable",
        "MCP tools": "langchain_mcp_adapters.client:MultiServerMCPClient",
        "a graph, drawn before": "langgraph.graph.state:CompiledStateGraph.get_graph",
    },
    "pydantic_ai": {
        "routing": "pydantic_graph:GraphBuilder.decision",
        "workers at once": "pydantic_graph:GraphBuilder.add_mapping_edge",
        "approval": "pydantic_ai:ToolApproved",
        "resume": "pydantic_ai.durable_exec.dbos:DBOSAgent",
        "streaming": "pydantic_ai:Agent.run_stream",
        "memory": "pydantic_ai.conversation_store:ConversationStore",
        "MCP tools": "pydantic_ai.mcp:MCPToolset",
        "a budget in dollars": "pydantic_ai.usage:UsageLimits.cost_limit",
        "traces": "pydantic_ai:Agent.instrument_all",
        "a model that plays": "pydantic_ai.models.function:FunctionModel",
    },
    "openai_agents": {
        "routing": "agents:handoff",
        "handing off": "agents:handoff",
        "approval": "agents:RunState.approve",
        "resume": "agents:RunState.from_json",
        "streaming": "agents:Runner.run_streamed",
        "memory": "agents:SQLiteSession",
        "MCP tools": "agents.mcp:MCPServerStdio",
        "skills": "agents.sandbox.capabilities:Skills",
        "traces": "agents:trace",
        "a model that plays": "agents.testing:ScriptedModel",
        "a graph, drawn before": "agents.extensions.visualization:draw_graph",
    },
    "agno": {
        "routing": "agno.workflow:Router",
        "workers at once": "agno.workflow:Parallel",
        "handing off": "agno.team:Team",
        "approval": "agno.workflow:HumanReview",
        "resume": "agno.agent:Agent.acontinue_run",
        "streaming": "agno.run.agent:RunContentEvent",
        "memory": "agno.memory:MemoryManager",
        "MCP tools": "agno.tools.mcp:MCPTools",
        "skills": "agno.skills:Skills",
        "a deadline": "agno.workflow:OnTimeout",
        "traces": "agno.tracing.setup:setup_tracing",
        "A2A": "agno.client.a2a:A2AClient",
    },
    "agent_framework": {
        "routing": "agent_framework:SwitchCaseEdgeGroup",
        "workers at once": "agent_framework:FanOutEdgeGroup",
        "handing off": "agent_framework.orchestrations:HandoffBuilder",
        "approval": "agent_framework:ToolApprovalMiddleware",
        "resume": "agent_framework:FileCheckpointStorage",
        "streaming": "agent_framework:ResponseStream",
        "memory": "agent_framework:FileHistoryProvider",
        "MCP tools": "agent_framework:MCPStdioTool",
        "skills": "agent_framework:SkillsProvider",
        "traces": "agent_framework.observability:configure_otel_providers",
        "a graph, drawn before": "agent_framework:WorkflowViz",
        "A2A": "agent_framework.a2a:A2AAgent",
    },
    "crewai": {
        "routing": "crewai.flow.flow:router",
        "workers at once": "crewai:Task.execute_async",
        "handing off": "crewai.tools.agent_tools.delegate_work_tool:DelegateWorkTool",
        "approval": "crewai.flow.human_feedback:human_feedback",
        "resume": "crewai:Crew.from_checkpoint",
        "streaming": "crewai.types.streaming:CrewStreamingOutput",
        "memory": "crewai.memory.unified_memory:Memory",
        "MCP tools": "crewai.mcp:MCPServerStdio",
        "skills": "crewai.skills.loader:discover_skills",
        "traces": "crewai.events.listeners.tracing.trace_listener:TraceCollectionListener",
        "a graph, drawn before": "crewai.flow.visualization:render_interactive",
        "A2A": "crewai.a2a:A2AConfig",
    },
    "google_adk": {
        "routing": "google.adk.tools:transfer_to_agent",
        "workers at once": "google.adk.agents:ParallelAgent",
        "handing off": "google.adk.tools:transfer_to_agent",
        "approval": "google.adk.tools.tool_confirmation:ToolConfirmation",
        "resume": "google.adk.apps:ResumabilityConfig",
        "streaming": "google.adk.agents.run_config:StreamingMode",
        "memory": "google.adk.memory:InMemoryMemoryService",
        "MCP tools": "google.adk.tools.mcp_tool.mcp_toolset:McpToolset",
        "skills": "google.adk.skills:Skill",
        "traces": "google.adk.telemetry.setup:maybe_set_otel_providers",
        "A2A": "google.adk.agents.remote_a2a_agent:RemoteA2aAgent",
    },
}


def look_for(place: str) -> str:
    """`"yes"`, `"extra"` where its import fails, as in a plain installation, or `"no"`."""
    module, _, attribute = place.partition(":")
    try:
        found = importlib.import_module(module)
        for name in attribute.split("."):
            found = getattr(found, name)
    except ImportError:
        return "extra"
    except AttributeError:
        return "no"
    return "yes"


def look_inside(framework: str) -> dict[str, object]:
    """In the framework's own Python: each feature's name, and whether it is there."""
    names = {feature: [place, look_for(place)] for feature, place in NAMES[framework].items()}
    return {
        "date": datetime.date.today().isoformat(),
        "package": PACKAGES[framework],
        "version": importlib.metadata.version(PACKAGES[framework]),
        "names": names,
    }


def main() -> int:
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(look_inside(sys.argv[2])))
        return 0
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for framework in NAMES:
        if not python_of(framework).exists():
            print(f"{framework}: no venv, left as it was")
            continue
        command = [str(python_of(framework)), str(HERE), "--inside", framework]
        said = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
        found[framework] = json.loads(said.stdout.splitlines()[-1])
        names = found[framework]["names"].values()
        print(f"{framework}: {[place for place, there in names if there != 'yes'] or 'all there'}")
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
