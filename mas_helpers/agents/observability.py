"""What a run tells about itself: who said a number first, a log of every call, and what may leave
the process.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..bench.secrets import SecretFilter, credentials_in
from ..bench.tracing.call import Call
from ..bench.tracing.cost import known_cost
from ..bench.tracing.spans import Trace, tracer_provider

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

    from ..bench.tracing.export import Delivery

# as English writes it; the marks between thousands: comma, apostrophes, narrow and wide fixed space
NUMBER = re.compile(r"\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?")


def numbers_in(text: str) -> list[Decimal]:
    """The numbers in a text, in order: "141,200 from 35,300 at 4.00" has 141200, 35300 and 4."""
    return [Decimal(re.sub(r"[^\d.]", "", found)) for found in NUMBER.findall(text)]


def holds(text: str, words: str) -> bool:
    """True where the words are in the text, and are no part of a longer number or word there.

    A number is compared as a number: 41,200 is also 41200 and 41,200.00. Raises ValueError for no
    words.
    """
    if not words.strip():
        raise ValueError("There are no words to look for.")
    if NUMBER.fullmatch(words.strip()):
        return numbers_in(words)[0] in numbers_in(text)
    spaced = r"\s+".join(map(re.escape, words.split()))
    return bool(re.search(rf"(?<!\w)(?<!\d[.,]){spaced}(?!\w)(?![.,]\d)", text, re.I))


@dataclass(frozen=True)
class Mention:
    """A call that has to do with some words: was it given them, and did it say them?"""

    call: Call
    was_given: bool
    said: bool


def mentions(trace: Trace, words: str) -> list[Mention]:
    """The calls that were given the words, or said them, in the order of their answers.

    What a call was given: its system prompt, its messages, and what its tools returned. What it
    said: its answer, and what it wrote into its tool calls.
    """
    found = []
    for call in sorted(trace.calls, key=lambda call: call.end):
        given = "\n".join([call.system, call.prompt, call.tool_results])
        said = f"{call.answer}\n{call.tool_arguments}"
        found.append(Mention(call, holds(given, words), holds(said, words)))
    return [mention for mention in found if mention.was_given or mention.said]


def blame(trace: Trace, words: str) -> Call:
    """The call that brought the words into a run: the first that said them and wasn't given them.

    Raises LookupError where there's none: nobody said them, or all who did had been given them.
    """
    said = [one for one in mentions(trace, words) if one.said]
    for one in said:
        if not one.was_given:
            return one.call
    raise LookupError(nobody_to_blame(words, said))


def nobody_to_blame(words: str, said: Sequence[Mention]) -> str:
    """Why no call brought the words in: nobody said them, or everybody who did was given them."""
    if not said:
        return f"No answer in this run holds {words!r}."
    return (
        f"Everybody who said {words!r} had been given it, the {said[0].call.agent} first. "
        "Look at its prompt, and at what its tools returned."
    )


def log_entry(call: Call) -> dict[str, Any]:
    """One call as a line of a log: flat, and ready for JSON. `usd` is None for an unknown price."""
    cost = known_cost(call)
    return {
        "run": call.run,
        "agent": call.agent,
        "model": call.model,
        "start": call.start,
        "seconds": call.seconds,
        "input": "\n\n".join(filter(None, [call.prompt, call.tool_results])),
        "output": "\n\n".join(filter(None, [call.answer, call.tool_arguments])),
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "usd": None if cost.unknown else float(cost),
        "error": call.error,
    }


def write_log(trace: Trace, path: Path, people: Collection[str] = (), person: str = "") -> int:
    """Adds a line of JSON for each call to the file, redacted, and returns how many lines.

    `person` says whom the run was for. It is kept in each line as it is, so that `forget_person`
    finds the line. Where the file ends in half a line, because a process died while it wrote, that
    line is ended first: what follows stays readable.
    """
    whose = {"person": person} if person else {}
    entries = [whose | redact(log_entry(call), people) for call in trace.calls]
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                file.write(b"\n")
        for entry in entries:
            file.write(json.dumps(entry, ensure_ascii=False).encode("utf-8") + b"\n")
    return len(entries)


PERSONAL = {
    "[mail]": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "[iban]": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
    "[card]": r"\b[1-9](?:[ -]?\d){13,15}\b",
    "[phone]": r"(?:\+\d|\b00[1-9])[\d ()/.-]{6,}\d|\b0\d{2,5}[ /-][\d /-]{4,}\d"
    r"|(?:\(\d{3}\) |\b\d{3}[.-])\d{3}[.-]\d{4}\b",
}


def redact(value: Any, people: Collection[str] = ()) -> Any:
    """The same value without keys, mail addresses, phone, card and account numbers, and names.

    It looks into dictionaries, lists, and texts that are JSON. The names are those in `people`: a
    name has no pattern.
    """
    credentials = credentials_in(())
    return change_texts(value, lambda text: redact_text(text, people, credentials))


def change_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The value again, with each text in it changed, however deep, also in a text that is JSON."""
    if isinstance(value, dict):
        return {change_texts(k, change): change_texts(v, change) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [change_texts(part, change) for part in value]
    if isinstance(value, bytes):
        return change(value.decode("utf-8", "replace")).encode("utf-8")
    if not isinstance(value, str):
        return value
    if value.lstrip()[:1] in ("{", "[", '"'):  # in JSON, é may be written \u00e9
        with contextlib.suppress(ValueError, RecursionError):
            return json.dumps(change_texts(json.loads(value), change), ensure_ascii=False)
    return change(value)


def redact_text(text: str, people: Collection[str] = (), credentials: Collection[str] = ()) -> str:
    """The text with `[secret]`, `[mail]`, `[phone]`, `[person]`, … where one was.

    credentials: what else is a secret, whatever it looks like.
    """
    text = SecretFilter().taken_out(text, credentials)
    for label, pattern in PERSONAL.items():
        text = re.sub(pattern, label, text)
    for name in sorted(people, key=len, reverse=True):
        spaced = r"\s+".join(map(re.escape, name.split()))
        text = re.sub(rf"(?<!\w){spaced}(?!\w)", "[person]", text, flags=re.I) if spaced else text
    return text


# what was said, and the texts of errors, which quote it
CONTENT = {
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.tool.definitions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "exception.message",
    "exception.stacktrace",
}


def redact_span(
    span: ReadableSpan, people: Collection[str] = (), content: bool = True
) -> ReadableSpan:
    """A copy of the span that may leave: every text in it redacted, wherever it is.

    content: False leaves out prompts, answers, tool calls and the texts of errors altogether.
    """
    from ..bench.tracing.export import copy_span

    def clean(attributes: Any) -> dict[str, Any]:
        kept = {k: v for k, v in (attributes or {}).items() if content or k not in CONTENT}
        return dict(redact(kept, people))

    description = redact(span.status.description, people) if content else None
    return copy_span(span, clean, name=redact(span.name, people), description=description)


@contextlib.contextmanager
def exporting(
    exporter: SpanExporter,
    *,
    redact: Callable[[ReadableSpan], ReadableSpan] = redact_span,
    wait: float = 5.0,
) -> Iterator[Delivery]:
    """A Delivery that counts, while every span that ends in the block goes to the exporter.

    A thread of its own sends them, so no run waits for the receiver, be it slow or down. The block
    waits for that thread at its end, `wait` seconds at most; what is not sent by then is lost, and
    a note says how much. `redact` makes what may leave of each span; a span that it fails on does
    not leave.
    """
    from ..bench.tracing.export import Outbox

    outbox = Outbox(exporter, redact)
    tracer_provider().add_span_processor(outbox)
    try:
        yield outbox.delivery
    finally:
        outbox.close(wait)
