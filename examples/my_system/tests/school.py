"""Alder Street as the tests play it: its letters, its model, and how an answer is judged.

The model knows nothing but its request. Asked a letter's question beside a document, it says what
the document says about it; asked it beside workers' answers, it joins them. So it answers any
system that gives its workers what they need, however it's built.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import random
import re
import sysconfig
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import anthropic
import pytest
from anthropic.types import Message, Usage
from my_system.contract import Desk, DeskError
from my_system.workshop import STOCK, workshop

import mas_helpers
from mas_helpers import cost_usd, fake_client
from mas_helpers.agents import NoAnswer
from mas_helpers.bench import Fault, Trial, run_trial

ROOT, TESTS = Path(__file__).parents[1], str(Path(__file__).parent)
SECONDS = {"fees": 8.0, "sizes": 9.0, "care": 10.0, "workshop": 2.0, "writer": 6.0}  # of a call
OUTPUT_TOKENS = 200  # of a reply
HOUR = 3600.0


@dataclass(frozen=True)
class Fact:
    """What one source says about a letter: `look` finds it there, `say` is the model's sentence."""

    look: str
    say: str

    def found_in(self, text: str) -> str:
        """The sentence, if the source or the sentence itself is in the text; else `""`."""
        sentence = re.escape(self.say).replace(r"\{\}", "(.+?)")
        for pattern in (self.look, sentence):
            if match := re.search(pattern, text):
                return self.say.format(match[1].strip())
        return ""


@dataclass(frozen=True)
class Letter:
    """One customer's letter, and the facts that answer it, by their sources."""

    ticket: str
    instrument: str
    size: str
    words: str

    @property
    def question(self) -> str:
        return f"{self.words} What does it cost a month, how does it travel, and is one free?"

    @property
    def facts(self) -> dict[str, Fact]:
        one, sized = self.instrument, f"{self.instrument} {self.size}"
        return {
            "fees": Fact(rf"{one}: (\d+) crowns a month", f"A {one} costs {{}} crowns a month."),
            "sizes": Fact(rf"{sized}: from (\d+) cm", f"A {sized} is for players from {{}} cm on."),
            "care": Fact(rf"{one}: it travels in (.+)", f"On a bus a {one} goes in {{}}."),
            "workshop": Fact(rf"{sized}: (\d+) free", f"Of the {sized}, {{}} can be had today."),
        }


CELLO = Letter("T-1", "cello", "1/2", "My daughter is 130 cm tall. Is a cello 1/2 right for her?")
VIOLIN = Letter("T-2", "violin", "1/4", "Our son measures 112 cm and wants a violin. Is it 1/4?")
HARP = Letter("T-3", "harp", "22", "I'd like to try a harp with 22 strings. Am I too small for it?")
LETTERS = (CELLO, VIOLIN, HARP)


@dataclass
class Model:
    """The model. `trouble` says what's wrong with the calls of a source, or of the `writer`:
    `{"care": "dead"}`; there are dead, refused and slow. A talkative one thinks for as many tokens
    as it may.

    `replies` are the sources whose answers were delivered, `usd` what was billed for all replies.
    """

    trouble: Mapping[str, str] = field(default_factory=dict)
    at_writer: Callable[[], object] = lambda: None
    talkative: bool = False
    replies: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # the question of each
    notes: list[str] = field(default_factory=list)
    usd: float = 0.0

    async def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        text = "\n".join(texts_in([body.get("system"), body["messages"]]))
        letter = next((one for one in LETTERS if one.question in text), None)
        if letter is None:
            self.note("a request without the customer's question, word for word")
            return await self.bill(body, "nobody", "Which letter is this about?")
        if body.get("output_config"):
            self.note("a request for JSON; the model of these tests writes plain text only")
        self.requests.append(letter.question)
        role = self.role_of(body, letter, text)
        if role == "writer":
            self.at_writer()
        trouble = self.trouble.get(role, "")
        if trouble == "dead":
            error = {
                "type": "error",
                "error": {"type": "overloaded_error", "message": "Overloaded"},
            }
            return {"status": 529, "seconds": 0.1, **error}
        if trouble == "refused":
            return await self.bill(body, role, "", stop_reason="refusal")
        if trouble == "slow":
            await asyncio.sleep(HOUR)
        if role == "workshop" and self.wants_tool(body):
            wanted = {"instrument": letter.instrument, "size": letter.size}
            return await self.bill(body, role, wanted)
        said = [fact.found_in(text) for fact in letter.facts.values()]
        return await self.bill(body, role, "\n".join(filter(None, said)) or "I can't tell.")

    def note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def role_of(self, body: dict[str, Any], letter: Letter, text: str) -> str:
        """The source whose worker asks; of several, the one that takes longest. The writer is who
        was given workers' sentences.
        """
        if any(tool.get("name") == "free_instruments" for tool in body.get("tools", ())):
            return "workshop"
        shown = [name for name, fact in letter.facts.items() if re.search(fact.look, text)]
        read = [name for name in shown if name != "workshop"]
        if len(read) > 1:
            self.note("several documents in one request: if it fails, all of them are lost")
        if read:
            return max(read, key=SECONDS.__getitem__)
        said = any(fact.found_in(text) for name, fact in letter.facts.items() if name not in shown)
        return "writer" if said else "workshop" if shown else "nobody"

    @staticmethod
    def wants_tool(body: dict[str, Any]) -> bool:
        """True until the tool has answered; it's asked three times at most."""
        blocks = [
            block
            for message in body["messages"]
            for block in (message["content"] if isinstance(message["content"], list) else ())
        ]
        results = [block for block in blocks if block.get("type") == "tool_result"]
        return len(results) < 3 and all(block.get("is_error") for block in results)

    async def bill(
        self, body: dict[str, Any], role: str, says: str | dict[str, str], stop_reason: str = ""
    ) -> dict[str, Any]:
        """The reply, after its seconds, no longer than max_tokens; it's billed when it's there."""
        tokens = min(OUTPUT_TOKENS, body["max_tokens"])
        await asyncio.sleep(SECONDS.get(role, 6.0))
        usage = {
            "input_tokens": len(json.dumps(body)) * 10 // 33,
            "output_tokens": body["max_tokens"] if self.talkative else tokens,
        }
        self.usd += price(body["model"], usage)
        if isinstance(says, dict):
            id = f"toolu_{len(body['messages'])}"
            content = [{"type": "tool_use", "id": id, "name": "free_instruments", "input": says}]
            return {"content": content, "stop_reason": "tool_use", "usage": usage}
        content = [{"type": "text", "text": says[: len(says) * tokens // OUTPUT_TOKENS]}]
        if tokens < OUTPUT_TOKENS:
            self.note(f"an answer cut at max_tokens={tokens}; one takes {OUTPUT_TOKENS}")
            stop_reason = stop_reason or "max_tokens"
        elif says:
            self.replies.append(role)
        fields = {"stop_reason": stop_reason or "end_turn", "usage": usage}
        return {"content": content if says else [], **fields}


def texts_in(value: Any) -> list[str]:
    """Every text of a request, tool results included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [value.get("text"), value.get("content")]
    return [text for part in value or () for text in texts_in(part)]


def price(model: str, usage: dict[str, int]) -> float:
    """Dollars of one reply, by today's price list."""
    empty = {"id": "", "type": "message", "role": "assistant", "content": [], "stop_reason": None}
    return cost_usd(Message(model=model, usage=Usage(**usage), stop_sequence=None, **empty))


class Down(AbstractAsyncContextManager[Any]):
    """A server that nobody can connect to."""

    async def __aenter__(self) -> NoReturn:
        raise ConnectionRefusedError("the workshop's server is down")

    async def __aexit__(self, *problem: object) -> None:
        return None


@dataclass
class School:
    """One try: a desk in a folder, on a model, with or without a workshop."""

    module: Any
    folder: Path
    model: Model = field(default_factory=Model)
    workshop: Any = None
    faults: Any = ()
    budget_usd: float = 0.10
    documents: Path = ROOT / "documents"

    @property
    def desk(self) -> Any:
        self.folder.mkdir(exist_ok=True)
        return Desk(
            client=fake_client(self.model, faults=self.faults),
            documents=self.documents,
            folder=self.folder,
            workshop=self.workshop,
            budget_usd=self.budget_usd,
        )

    @property
    def sources(self) -> list[str]:
        names = ["fees", "sizes", "care", "workshop"]
        return names if self.workshop is not None else names[:3]

    def ask(self, letter: Letter, ticket: str = "") -> Trial:
        """One letter, answered on the virtual clock."""
        desk = self.desk

        async def asked() -> Any:
            coming = self.module.answer(ticket or letter.ticket, letter.question, desk)
            if not inspect.isawaitable(coming):
                pytest.fail(
                    "answer() can't be awaited: write `async def answer(…)`.", pytrace=False
                )
            return await coming

        trial = run_trial(asked)
        require_written(trial.error)
        return trial

    def problems(self, letter: Letter, trial: Trial, stock: Mapping[Any, int] = STOCK) -> list[str]:
        """What a customer may hold against this outcome, in words; `[]` for a sound answer, one
        that names its gaps, and an error that names its cause.
        """
        late, dear = trial.trace.seconds - 30.0, self.model.usd - self.budget_usd
        problems = []
        if late > 1e-6:
            problems.append(f"it took {trial.trace.seconds:g} s, and 30 s were agreed")
        if dear > 1e-9:
            paid = f"${self.model.usd:.4f} were billed"
            problems.append(f"{paid}, and the budget is ${self.budget_usd:.4f}")
        if trial.error is not None:
            return problems + unnamed(self.module, trial.error)
        return problems + self.gaps_hidden(letter, trial.result, stock)

    def gaps_hidden(self, letter: Letter, answer: Any, stock: Mapping[Any, int]) -> list[str]:
        if flaw := shape_of(answer):
            return [flaw]
        problems = []
        for source, sentence in self.expected(letter, stock).items():
            is_named = re.search(rf"\b{source}\b", answer.text, re.I) is not None
            if letter.facts[source].found_in(answer.text) == sentence:
                if source in answer.missing:
                    problems.append(f"{source!r} is answered, and yet it's named as missing")
            elif source not in answer.missing:
                problems.append(f"{source!r} is lost, and `missing` doesn't say so")
            elif not is_named:
                problems.append(f"{source!r} is lost, and the text doesn't name it")
        for name in answer.missing:
            if name not in self.sources:
                problems.append(f"{name!r} is named as missing: that's none of {self.sources}")
        return problems

    def expected(self, letter: Letter, stock: Mapping[Any, int] = STOCK) -> dict[str, str]:
        """The sentence of each source, as it ought to be in the text."""
        said = {}
        for source in self.sources:
            file = self.documents / f"{source}.md"
            if not file.is_file():
                file = ROOT / "documents" / f"{source}.md"
            free = (
                f"{letter.instrument} {letter.size}: {stock[letter.instrument, letter.size]} free"
            )
            text = free if source == "workshop" else file.read_text(encoding="utf-8")
            said[source] = letter.facts[source].found_in(text)
        return said

    def told(self, trial: Trial) -> list[str]:
        """What happened, for a failure's message."""
        lines = [f"answer() gave: {trial.result!r}"] if trial.error is None else []
        if trial.error is not None:
            lines.append(f"answer() ended in: {where(trial.error)}")
        return [*lines, *(f"the model noticed: {note}" for note in self.model.notes)]


def shape_of(answer: Any) -> str:
    """What's wrong with the form of an answer; `""` if nothing is."""
    text, missing = getattr(answer, "text", None), getattr(answer, "missing", None)
    if isinstance(text, str) and isinstance(missing, tuple | list):
        return ""
    return f"answer() gave {answer!r}; it has to give Answer('…', ('care',)), a text and names"


def unnamed(module: Any, error: BaseException) -> list[str]:
    """`[]` for an error that says why there's no answer."""
    if isinstance(error, BaseExceptionGroup):
        return [problem for one in error.exceptions for problem in unnamed(module, one)]
    kinds = (DeskError, anthropic.APIError, NoAnswer)
    if isinstance(error, kinds) and str(error).strip():
        return []
    return [f"it ended in {error!r}, which tells the customer nothing: raise DeskError('why')"]


def require_written(error: BaseException | None) -> None:
    """Fails the test, with one sentence, where a function still has to be written."""
    if isinstance(error, NotImplementedError):
        *_, last = traceback.extract_tb(error.__traceback__)
        pytest.fail(f"{last.name}() isn't written yet: {error}.", pytrace=False)


def where(error: BaseException) -> str:
    """An error, with the line of the project that it comes from."""
    said = "".join(traceback.format_exception_only(error)).strip()
    others = (sysconfig.get_path("stdlib"), str(Path(mas_helpers.__file__).parent), TESTS)
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if not one.filename.startswith(others) and one.line]
    own = [one for one in own if "site-packages" not in one.filename]
    if not own:
        return said
    return f"{said}\n    ({Path(own[-1].filename).name}, line {own[-1].lineno}: {own[-1].line})"


def complain(customer: str, *facts: str, lesson: str) -> NoReturn:
    """Fails the test, in the customer's words."""
    lines = [f'The customer: "{customer}"', *(f"  {fact}" for fact in facts)]
    pytest.fail("\n".join([*lines, f"  Read again: lesson {lesson}."]), pytrace=False)


def kill_after(seconds: float) -> Callable[..., Fault | None]:
    """A schedule that kills the process so many seconds after its first call."""
    begun: list[bool] = []

    def schedule(agent: str, call: int, attempt: int, second: float) -> Fault | None:
        if begun:
            return None
        begun.append(True)
        return Fault("killed", seconds=seconds)

    return schedule


SERVERS = [Down(), workshop(broken=True), workshop(seconds=HOUR), *[workshop()] * 17]


def server_for(seed: int) -> Any:
    """The workshop of a bad day: mostly well; else down, broken, or an hour slow."""
    return random.Random(f"workshop {seed}").choice(SERVERS)
