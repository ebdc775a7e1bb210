"""The rows of a timeline: which there are, in which order, and what each one says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from ..bench.tracing.call import Call, Span, is_agent, is_call
from ..bench.tracing.critical_path import TOLERANCE, critical_spans
from ..bench.tracing.spans import Trace
from .outcomes import failure, outcome
from .text import count_text, cut, model_name, seconds_text

DEEPEST = 6  # agents that stand deeper are not indented further
MOST_OF_A_TOPIC = 16  # columns: of what tells two rows of one agent apart
FEW_WORDS = 6  # so many may differ within a sentence


@dataclass(frozen=True)
class ToolUse:
    """A tool at work, in seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Row:
    """A line of the timeline: an agent at work with its calls and tools, or a lone call.

    Times in seconds. `topic` tells it from other rows of the same name.
    """

    name: str
    depth: int
    start: float
    end: float
    topic: str = ""
    calls: Sequence[Call] = ()
    tools: Sequence[ToolUse] = ()
    on_path: Sequence[bool] = ()  # for each call, whether it is on the critical path
    error: str = ""
    running: bool = False

    @property
    def label(self) -> str:
        """`"researcher · ferries"`."""
        return f"{self.name} · {self.topic}" if self.topic else self.name

    @property
    def attempts(self) -> Iterator[tuple[Call, bool]]:
        """Each HTTP request of each call as a call of its own, for a retry begins after a wait; and
        whether it is on the critical path.
        """
        for call, is_on_path in zip(self.calls, self.on_path, strict=True):
            waits = bool(call.attempts) and call.attempts[-1].end < call.end - TOLERANCE
            if (len(call.attempts) < 2 and not waits) or call.error == "still running":
                yield call, is_on_path
                continue
            for number, attempt in enumerate(call.attempts, 1):
                start, end, error = attempt.start, attempt.end, attempt.failure
                if number == len(call.attempts) and not error:
                    error = call.error
                yield replace(call, start=start, end=end, error=error), is_on_path

    @property
    def is_on_path(self) -> bool:
        return any(self.on_path)

    @property
    def note(self) -> str:
        """`"4.2 s · 2 calls · search ×2 · 3 attempts (1 × 529) · ✗ timeout"`."""
        parts = [f"{seconds_text(self.end - self.start)} s"]
        if len(self.calls) > 1:
            parts.append(count_text(len(self.calls), "call"))
        used = Counter(tool.name for tool in self.tools)
        parts += [
            f"{cut(tool)} ×{count}" if count > 1 else cut(tool) for tool, count in used.items()
        ]
        attempt_count = sum(call.retries + 1 for call in self.calls)
        if attempt_count > len(self.calls):
            retried = [attempt.failure for call in self.calls for attempt in call.attempts[:-1]]
            failures = ", ".join(f"{count} × {kind}" for kind, count in Counter(retried).items())
            parts.append(f"{attempt_count} attempts ({failures})")
        error = next(filter(None, map(failure, self.calls)), self.error)
        if error == "CancelledError" or (
            not error and any(outcome(call) == "cancelled" for call in self.calls)
        ):
            parts.append("cancelled")
        elif error:
            parts.append(f"✗ {cut(error)}")
        if self.running:
            parts.append("still running")
        return " · ".join(parts)


def build_rows(trace: Trace) -> list[Row]:
    """The rows of a trace, depth first, each level in the order of start.

    Calls that an agent makes at once get a row each.
    """
    spans = {span.context.span_id: span for span in list(trace.spans)}
    children, tools = _children(spans), _tools(spans, trace)
    on_path: set[int] = set()
    if sum(map(is_call, spans.values())) > 1:  # one call alone decides nothing
        on_path = {span.context.span_id for span in critical_spans(trace)}

    def rows_below(parent: int | None, depth: int) -> Iterator[Row]:
        for span in children[parent]:
            key = span.context.span_id
            own = [span] if is_call(span) else list(filter(is_call, children[key]))
            if _overlap(trace, own):
                own = []
            yield _build_row(trace, span, depth, own, tools[key], on_path)
            if own:  # they stand in this row, and need none of their own
                children[key] = list(filter(is_agent, children[key]))
            yield from rows_below(key, depth + 1)

    return _add_topics(list(rows_below(None, 0)))


def _add_topics(rows: list[Row]) -> list[Row]:
    """The rows; several of one name, at one depth, with what tells them apart."""
    alike: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        alike[row.name, row.depth].append(place)
    for places in alike.values():
        if len(places) > 1:
            prompts = [rows[place].calls[0].prompt if rows[place].calls else "" for place in places]
            for place, topic in zip(places, find_topics(prompts), strict=True):
                rows[place] = replace(rows[place], topic=topic)
    return rows


def find_topics(prompts: Sequence[str]) -> list[str]:
    """What tells the prompts apart, in a word or two: `["ferries", "buses"]`, or `["#1", "#2"]`
    where they don't say.
    """
    split = [prompt.split() for prompt in prompts]
    begin = _count_alike(split)
    rest = [words[begin:] for words in split]
    end = _count_alike([words[::-1] for words in rest])
    rest = [words[: len(words) - end] for words in rest]
    topics = [cut(" ".join(words), MOST_OF_A_TOPIC).strip(" .,:;?!") for words in rest]
    # what begins in the middle of a sentence and doesn't end there is no topic
    is_torn = begin and split[0][begin - 1][-1] not in ".:?!" and max(map(len, rest)) > FEW_WORDS
    if len(set(topics)) < len(topics) or not all(topics) or is_torn:
        return [f"#{number}" for number in range(1, len(prompts) + 1)]
    return topics


def _count_alike(texts: list[list[str]]) -> int:
    """How many words all of them begin with."""
    return sum(1 for _ in takewhile(lambda words: len(set(words)) == 1, zip(*texts, strict=False)))


def _tools(spans: dict[int, Span], trace: Trace) -> defaultdict[int | None, list[ToolUse]]:
    """What tools worked for each agent, by its span, in order of start."""
    tools: defaultdict[int | None, list[ToolUse]] = defaultdict(list)
    for span in sorted(spans.values(), key=lambda span: span.start_time):
        if span.attributes.get("gen_ai.operation.name") == "execute_tool" and span.end_time:
            name = str(span.attributes.get("gen_ai.tool.name", "a tool"))
            start, end = round(trace.at(span.start_time), 3), round(trace.at(span.end_time), 3)
            tools[_agent_above(span, spans)].append(ToolUse(name, start, end))
    return tools


def _children(spans: dict[int, Span]) -> defaultdict[int | None, list[Span]]:
    """The agents and calls below each agent, below None those outside of any; in order of start."""
    children: defaultdict[int | None, list[Span]] = defaultdict(list)
    for span in sorted(spans.values(), key=lambda span: span.start_time):
        if is_agent(span) or is_call(span):
            children[_agent_above(span, spans)].append(span)
    return children


def _agent_above(span: Span, spans: dict[int, Span]) -> int | None:
    above = span.parent and spans.get(span.parent.span_id)
    while above and not is_agent(above):
        above = above.parent and spans.get(above.parent.span_id)
    return above.context.span_id if above else None


def _overlap(trace: Trace, spans: list[Span]) -> bool:
    calls = map(trace.call_of, spans)
    return any(before.end > after.start for before, after in pairwise(calls))


def _build_row(
    trace: Trace,
    span: Span,
    depth: int,
    spans: list[Span],
    tools: list[ToolUse],
    on_path: set[int],
) -> Row:
    agent = span.attributes.get("gen_ai.agent.name", "")
    if is_call(span) and depth:  # its agent is above it
        agent = ""
    end = trace.at(span.end_time) if span.end_time else trace.seconds
    calls, error = [trace.call_of(call) for call in spans], error_name(span)
    if error and calls and outcome(calls[-1]) == "answered" and calls[-1].end >= end - TOLERANCE:
        # the agent ended with an error as the answer came: it couldn't be used
        calls[-1] = replace(calls[-1], error=error)
    return Row(
        name=cut(agent) or model_name(trace.call_of(span)),
        depth=min(depth, DEEPEST),
        # a cell's own microseconds differ from run to run
        start=round(trace.at(span.start_time), 3),
        end=round(end, 3),
        calls=calls,
        tools=tools,
        on_path=[call.context.span_id in on_path for call in spans],
        error=error,
        running=not span.end_time,
    )


def error_name(span: Span) -> str:
    """The type of the exception that ended it, without its module, `""` where there is none."""
    for event in span.events:
        if event.name == "exception":
            return str(event.attributes["exception.type"]).split(".")[-1]
    return ""
