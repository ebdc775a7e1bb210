"""The tree of agents at work in a terminal, and what they cost."""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from ...bench.tracing.call import Call, is_agent, is_call
from ...bench.tracing.cost import cost_usd
from ...bench.tracing.spans import Trace
from ...pictures.text import count_text

MARKS = {
    "done": ("✓", "green"),
    "running": ("●", "yellow"),
    "failed": ("✗", "red"),
    "given up": ("■", "yellow"),
}


def tree_of(trace: Trace, title: str, height: int = 1000) -> Any:
    """The agents of a trace in the order in which they began, their tools below them, then the sum;
    for rich.

    Where that is more lines than `height`, the tools of an agent that is done are counted in its
    own line.
    """
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(title, style="bold"), guide_style="dim")
    inside: defaultdict[int, list[Any]] = defaultdict(list)
    spans = list(trace.spans)
    for span in spans:
        inside[span.parent.span_id if span.parent else 0].append(span)
    crowded = (
        sum(is_agent(span) or _operation(span) == "execute_tool" for span in spans) + 3 > height
    )
    for span in filter(is_agent, spans):
        own = inside[span.context.span_id]
        tools = [tool for tool in own if _operation(tool) == "execute_tool"]
        line = _agent_line(trace, span, [trace.call_of(s) for s in own if is_call(s)])
        if crowded and span.end_time and tools:
            counted = Counter(tool.attributes["gen_ai.tool.name"] for tool in tools)
            line.append(
                " · " + ", ".join(f"{count} × {name}" for name, count in counted.items()), "dim"
            )
            tools = []
        branch = tree.add(line)
        for tool in tools:
            branch.add(_tool_line(tool))
    return Group(tree, Text(sum_of(trace), style="bold"))


def _agent_line(trace: Trace, span: Any, calls: list[Call]) -> Any:
    from rich.text import Text

    raised = [
        event.attributes["exception.type"].split(".")[-1]
        for event in span.events
        if event.name == "exception"
    ]
    given_up = any(call.error == "cancelled" for call in calls)
    state = (
        "failed" if raised else "given up" if given_up else "done" if span.end_time else "running"
    )
    mark, colour = MARKS[state]
    end = trace.at(span.end_time) if span.end_time else trace.now()
    line = Text.assemble((mark, colour), " ", (span.attributes["gen_ai.agent.name"], "bold"), "  ")
    line.append(
        f"{end - trace.at(span.start_time):5.1f} s · {count_text(len(sent(calls)), 'call')} · {paid(calls)}"
    )
    line.append(
        " · asking …" if any(call.error == "still running" for call in calls) else "", "yellow"
    )
    line.append(
        f" · {raised[0]}" if raised else " · given up" if given_up else "",
        "red" if raised else "yellow",
    )
    asked = " ".join(calls[0].prompt.split()) if calls else ""
    line.append(f"  {asked}" if span.attributes["gen_ai.agent.name"] == "researcher" else "", "dim")
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _tool_line(span: Any) -> Any:
    from rich.text import Text

    given = json.loads(span.attributes["gen_ai.tool.call.arguments"])
    said = ", ".join(map(str, given.values())) if isinstance(given, dict) else str(given)
    line = Text(
        f"{span.attributes['gen_ai.tool.name']}: {said}",
        style="dim",
        no_wrap=True,
        overflow="ellipsis",
    )
    return line.append("  ✗", "red") if span.events else line


def _operation(span: Any) -> str:
    return span.attributes.get("gen_ai.operation.name", "")


def sum_of(trace: Trace) -> str:
    """What the whole took: `'24.1 s · 9 calls · 21,040 tokens · $0.0312'`, and what is on its way
    or was given up.
    """
    calls = trace.calls
    counts = Counter(call.error for call in calls if call.error in ("still running", "cancelled"))
    open_ones = [
        f"{counts[error]} {error}" for error in ("still running", "cancelled") if counts[error]
    ]
    return " · ".join(
        [f"{trace.now():.1f} s", count_text(len(sent(calls)), "call"), paid(calls), *open_ones]
    )


def sent(calls: list[Call]) -> list[Call]:
    """The calls that went out; one that was stopped before is none."""
    return [call for call in calls if call.attempts or call.error == "still running"]


def paid(calls: list[Call]) -> str:
    """`'21,040 tokens · $0.0312'`; a call that is under way or was given up counts 0, for nobody
    knows its tokens.
    """
    tokens = sum(call.input_tokens + call.output_tokens for call in calls)
    return f"{tokens:,} tokens · ${sum(map(cost_usd, calls)):.4f}"


@contextlib.contextmanager
def shown(spent: Trace, title: str) -> Iterator[None]:
    """The tree on stderr while the block runs; where nobody looks on, once at its end."""
    try:
        from rich.console import Console
        from rich.live import Live
    except ImportError:
        print("(pip install rich, to see the agents at work.)", file=sys.stderr)
        yield
        return
    console = Console(stderr=True)

    def tree() -> Any:
        return tree_of(spent, title, console.size.height - 1 if console.is_terminal else 1000)

    try:
        with Live(get_renderable=tree, console=console, refresh_per_second=8):
            yield
    finally:
        if not console.is_terminal:
            console.print()  # rich leaves the last line open there
