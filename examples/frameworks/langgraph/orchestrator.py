"""The orchestrator of lesson 07 in LangGraph: the orchestrator-worker graph of its documentation,
with a worker for each `Send`.
"""

import operator
from typing import Annotated, TypedDict

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from prompts import KEY, MAX_TOKENS, MERGE, OPUS, PLAN, SONNET, WORKERS, Plan, synthesis_prompt


class State(TypedDict):
    question: str
    plan: Plan
    results: Annotated[list[tuple[str, str]], operator.add]
    answer: str


class WorkerState(TypedDict):
    kind: str
    task: str


def build_model(model, base_url):
    return ChatAnthropic(model=model, max_tokens=MAX_TOKENS, base_url=base_url, api_key=KEY)


def build_worker(kind, base_url):
    model = build_model(SONNET, base_url)

    async def work(task):
        reply = await model.ainvoke([SystemMessage(WORKERS[kind]), HumanMessage(task)])
        return reply.text

    return work


def build_graph(base_url):
    large = build_model(OPUS, base_url)
    planner = large.with_structured_output(Plan, method="json_schema")
    workers = {kind: build_worker(kind, base_url) for kind in WORKERS}

    async def plan(state: State):
        return {
            "plan": await planner.ainvoke([SystemMessage(PLAN), HumanMessage(state["question"])])
        }

    def assign(state: State):
        return [
            Send("work", {"kind": one.kind, "task": one.task}) for one in state["plan"].subtasks
        ]

    async def work(state: WorkerState):
        reply = await workers[state["kind"]](state["task"])
        return {"results": [(state["task"], reply)]}

    async def synthesize(state: State):
        prompt = synthesis_prompt(state["question"], state["results"])
        reply = await large.ainvoke([SystemMessage(MERGE), HumanMessage(prompt)])
        return {"answer": reply.text}

    graph = StateGraph(State)
    graph.add_node("plan", plan)
    graph.add_node("work", work)
    graph.add_node("synthesize", synthesize)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", assign, ["work"])
    graph.add_edge("work", "synthesize")
    graph.add_edge("synthesize", END)
    return graph.compile()


def build(base_url):
    graph = build_graph(base_url)

    async def answer(question: str) -> str:
        return (await graph.ainvoke({"question": question}))["answer"]

    return answer
