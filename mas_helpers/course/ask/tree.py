"""The tree of agents at work in a terminal, and what they cost."""

from __future__ import annotations

import contextlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...bench.tracing.call import Call, Span, is_agent, is_call
from ...bench.tracing.cost import Cost, known_cost
from ...bench.tracing.spans import Trace
from ...pictures.text import count_text, dollars
from ...pictures.timeline_rows import error_name

if TYPE_CHECKING:  # rich is loaded when a tree is drawn
    from rich.console import Group
    from rich.text import Text

MARKS = {
    "done": ("✓", "green"),
    "running": ("●", "yellow"),
    "failed": ("✗", "red"),
    "given up": ("■", "yellow"),
}
FULL_HEIGHT = 1000  # lines; that many agents and tools no run has


@contextlib.contextmanager
def show_tree(trace: Trace, title: str) -> Iterator[None]:
    """Shows the tree on stderr while the block runs; outside a terminal, once at the end."""
    try:
        from rich.console import Console
        from rich.live import Live
    except ImportError:
        print("(pip install rich, to see the agents at work.)", file=sys.stderr)
        yield
        return
    console = Console(stderr=True)

    def tree() -> Group:
        height = console.size.height - 1 if console.is_terminal else FULL_HEIGHT
        return build_tree(trace, title, height)

    try:
        with Live(get_renderable=tree, console=console, refresh_per_second=8):
            yield
    finally:
        if not console.is_terminal:
            console.print()  # rich leaves the last line open there


def build_tree(trace: Trace, title: str, height: int = FULL_HEIGHT) -> Group:
    """The agents of a trace in the order in which they began, each with its tools below it, then
    the sum; for rich.

    If that is more lines than `height`, the tools of an agent that is done are counted in its own
    line.
    """
    from rich.console import Group
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(title, style="bold"), guide_style="dim")
    spans = list(trace.spans)
    children: defaultdict[int, list[Span]] = defaultdict(list)
    for span in spans:
        children[span.parent.span_id if span.parent else 0].append(span)
    lines = sum(is_agent(span) or _is_tool(span) for span in spans) + 3
    for span in filter(is_agent, spans):
        own = children[span.context.span_id]
        tools = list(filter(_is_tool, own))
        line = _agent_line(trace, span, [trace.call_of(child) for child in own if is_call(child)])
        if lines > height and span.end_time and tools:
            tree.add(line.append(f" · {_tool_counts(tools)}", "dim"))
            continue
        branch = tree.add(line)
        for tool in tools:
            branch.add(_tool_line(tool))
    return Group(tree, Text(sum_text(trace), style="bold"))


def _agent_line(trace: Trace, span: Span, calls: list[Call]) -> Text:
    from rich.text import Text

    name, error, state = span.attributes["gen_ai.agent.name"], error_name(span), _state(span, calls)
    mark, colour = MARKS[state]
    end = trace.at(span.end_time) if span.end_time else trace.now()
    seconds = end - trace.at(span.start_time)
    line = Text.assemble((mark, colour), " ", (name, "bold"), "  ")
    line.append(f"{seconds:5.1f} s · {count_text(len(sent_calls(calls)), 'call')}")
    line.append(f" · {spent_text(calls)}")
    if any(call.error == "still running" for call in calls):
        line.append(" · asking …", "yellow")
    if state in ("failed", "given up"):
        line.append(f" · {error or state}", colour)
    if name == "researcher" and calls:
        line.append("  " + " ".join(calls[0].prompt.split()), "dim")
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _state(span: Span, calls: list[Call]) -> str:
    """A key of MARKS."""
    if error_name(span):
        return "failed"
    if any(call.error == "cancelled" for call in calls):
        return "given up"
    return "done" if span.end_time else "running"


def _tool_line(span: Span) -> Text:
    from rich.text import Text

    name = span.attributes["gen_ai.tool.name"]
    arguments = json.loads(span.attributes["gen_ai.tool.call.arguments"])
    values = arguments.values() if isinstance(arguments, dict) else [arguments]
    line = Text(f"{name}: {', '.join(map(str, values))}", style="dim")
    line.no_wrap, line.overflow = True, "ellipsis"
    return line.append("  ✗", "red") if span.events else line


def _tool_counts(spans: list[Span]) -> str:
    """`"3 × read_document, 1 × search"`."""
    counts = Counter(span.attributes["gen_ai.tool.name"] for span in spans)
    return ", ".join(f"{count} × {name}" for name, count in counts.items())


def _is_tool(span: Span) -> bool:
    return bool(span.attributes.get("gen_ai.operation.name") == "execute_tool")


def sum_text(trace: Trace) -> str:
    """What the whole run took: `"24.1 s · 9 calls · 21,040 tokens · $0.031"`, and what is under way
    or was cancelled.
    """
    calls = trace.calls
    errors = Counter(call.error for call in calls)
    parts = [
        f"{trace.now():.1f} s",
        count_text(len(sent_calls(calls)), "call"),
        spent_text(calls),
    ]
    for error in ("still running", "cancelled"):
        if errors[error]:
            parts.append(f"{errors[error]} {error}")
    return " · ".join(parts)


def sent_calls(calls: list[Call]) -> list[Call]:
    """The calls that went out; one that was stopped before that isn't one."""
    return [call for call in calls if call.attempts or call.error == "still running"]


def spent_text(calls: list[Call]) -> str:
    """`"21,040 tokens · $0.031"`; a call that is under way or was cancelled counts as 0, because
    its tokens aren't known. Calls to a model without a known price are named: `"$0.031 + unknown:
    qwen3"`.
    """
    tokens = sum(call.input_tokens + call.output_tokens for call in calls)
    cost = sum(map(known_cost, calls), Cost())
    unknown = f" + unknown: {', '.join(cost.unknown)}" if cost.unknown else ""
    return f"{count_text(tokens, 'token')} · {dollars(cost)}{unknown}"
