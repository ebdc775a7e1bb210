"""Lesson 11: research, write, check, revise; who said this, and from where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .agent import AgentLike
from .aggregator import contains_words, normalize
from .fact_checker import (
    Draft,
    Research,
    citations,
    fact_check,
    sentences,
    source_list,
    without_citations,
)
from .failures import FAILURES, NoAnswer, answer_of, carries_paid, reason_for
from .parallel import fan_out
from .sources import Fact, Notes, find_unsupported


def revision_prompt(task: str, draft: Draft) -> str:
    """What the writer reads to revise a draft; `""` where nobody objects."""
    everybodys = [one for objections in draft.objections.values() for one in objections]
    heading = f"{task}\n\nYour last draft:\n{draft.text}\n\nObjections:"
    lines = [f"- {objection.words!r}: {objection.reason}" for objection in everybodys]
    return "\n".join([heading, *lines]) if lines else ""


async def research_topic(
    topic: str, researcher: AgentLike, documents: Mapping[str, str]
) -> Research:
    """The facts on a topic that documents say; `.failed` says why there are none."""
    try:
        notes = await answer_of(researcher, topic, Notes)
    except FAILURES as error:
        return Research(topic, [], [], failed=reason_for(error))
    wrong = find_unsupported(notes.facts, documents)
    facts = [fact for i, fact in enumerate(notes.facts) if i not in wrong]
    if wrong and not facts:
        return Research(topic, [], notes.gaps, failed="; ".join(wrong.values()))
    return Research(topic, facts, notes.gaps, left_out=list(wrong.values()))


def fall_back(
    now: Research, earlier: Mapping[str, Research], documents: Mapping[str, str]
) -> Research:
    """What an earlier run found on the topic, with its day, where the researcher failed now."""
    if not now.failed or now.topic not in earlier:
        return now
    old = earlier[now.topic]
    gone, day = find_unsupported(old.facts, documents), old.earlier or "an unknown day"
    facts, left_out = [f for i, f in enumerate(old.facts) if i not in gone], list(gone.values())
    return Research(now.topic, facts, old.gaps, left_out, now.failed, day, new_gaps=now.gaps)


@dataclass(frozen=True)
class Brief:
    """An answer with its whole history: the research, and every draft, of which the last one
    counts.
    """

    question: str
    research: list[Research]
    drafts: list[Draft]

    @property
    def text(self) -> str:
        """The last draft."""
        return self.drafts[-1].text

    @property
    def sources(self) -> dict[int, tuple[Research, Fact]]:
        """What the numbers in the text mean: `{1: (Research(…), Fact(…)), …}`."""
        return dict(enumerate(((one, fact) for one in self.research for fact in one.facts), 1))

    @property
    def caveats(self) -> list[str]:
        """What a reader must know beside the text; `[]` if it is checked, undisputed and whole."""
        caveats = []
        for one in self.research:
            if one.failed and one.facts:
                caveats.append(f"facts of {one.earlier} on {one.topic!r}: {one.failed}")
            elif one.failed:
                caveats.append(f"nothing on {one.topic!r}: {one.failed}")
            elif not one.facts:
                caveats.append(f"nothing was found on {one.topic!r}")
        left_out = [reason for one in self.research for reason in one.left_out]
        gaps = [gap for one in self.research for gap in one.unknown if gap != one.topic]
        caveats += [f"a fact was left out: {reason}" for reason in left_out]
        caveats += [f"not known: {gap}" for gap in gaps]
        last = self.drafts[-1]
        if last.unchecked:
            caveats.append(f"not fact-checked: {last.unchecked}")
        for critic, objections in last.objections.items():
            caveats += [f"{critic} objects to {one.words!r}: {one.reason}" for one in objections]
        return caveats


def audit_trail(brief: Brief) -> Iterator[tuple[str, str, str, str, str]]:
    """For each sentence of the text, its sources: `(sentence, "[2]", topic, document, words)`."""
    sources = brief.sources
    for sentence in sentences(brief.text):
        known = [n for n in dict.fromkeys(citations(sentence)) if n in map(str, sources)]
        for number in known:
            research, fact = sources[int(number)]
            yield sentence, f"[{number}]", research.topic, fact.document, fact.words
        if not known:
            yield sentence, "", "", "", ""


def objections_to(brief: Brief) -> Iterator[tuple[int, str, str, str, str]]:
    """Who objected to what: `(draft, who, words, reason, fate)`.

    The fate is "fixed", or "stands" where the last draft still has the words.
    """
    final = without_citations(brief.text)
    for number, draft in enumerate(brief.drafts, 1):
        for who, objections in draft.objections.items():
            for one in objections:
                stands = contains_words(final, without_citations(one.words))
                fate = "stands" if stands else "fixed"
                yield number, who, one.words, one.reason, fate


class NoFactsFound(NoAnswer):
    """No researcher brought a fact, so there is nothing to write.

    `.research` says why, for each topic.
    """

    def __init__(self, research: list[Research]) -> None:
        self.research = research
        super().__init__(research)

    def __str__(self) -> str:
        reasons = [
            f"{one.topic}: {one.failed or '; '.join(one.unknown[1:]) or 'nothing found'}"
            for one in self.research
        ]
        return "no source for any topic: " + "; ".join(reasons)


class WriterFailed(NoAnswer):
    """The writer failed. `.research` and the `.drafts` before it are paid for, and are here."""

    def __init__(self, reason: str, research: list[Research], drafts: list[Draft]) -> None:
        self.reason, self.research, self.drafts = reason, research, drafts
        super().__init__(reason, research, drafts)

    def __str__(self) -> str:
        return f"draft {len(self.drafts) + 1} was not written: {self.reason}"


async def write_and_check(
    task: str, research: list[Research], writer: AgentLike, checker: AgentLike, rounds: int
) -> list[Draft]:
    """The drafts, of which the last one counts: each checked, then revised if somebody objects."""
    prompt, drafts = task, list[Draft]()
    while prompt and len(drafts) < rounds:
        try:
            text = await answer_of(writer, prompt)
        except FAILURES as error:
            raise WriterFailed(reason_for(error), research, drafts) from error
        drafts.append(await fact_check(text, research, checker))
        prompt = revision_prompt(task, drafts[-1])
    return drafts


@carries_paid
async def coordinate(
    question: str,
    topics: list[str],
    researcher: AgentLike,
    writer: AgentLike,
    checker: AgentLike,
    documents: Mapping[str, str],
    *,
    rounds: int = 2,
    max_concurrency: int | None = None,
    earlier: Mapping[str, Research] | None = None,
) -> Brief:
    """A brief, in at most `rounds` drafts. Raises NoFactsFound or WriterFailed; `.caveats` says
    what else went wrong. earlier: what to fall back on, by topic.
    """
    require_work(topics, rounds)  # before anybody is paid
    jobs = {one: research_topic(one, researcher, documents) for one in without_doubles(topics)}
    found = (await fan_out(jobs, max_concurrency)).values()
    research = [fall_back(one, earlier or {}, documents) for one in found]
    if not any(one.facts for one in research):
        raise NoFactsFound(research)
    task = f"Question: {question}\n\n{source_list(research)}"
    return Brief(question, research, await write_and_check(task, research, writer, checker, rounds))


def require_work(topics: list[str], rounds: int) -> None:
    """Raises ValueError where there is no topic to research, or no round to write in."""
    if rounds < 1:
        raise ValueError(f"rounds={rounds}: without a round nothing is written")
    if not topics:
        raise ValueError("there is no topic, so there is nothing to research")


def without_doubles(topics: Iterable[str]) -> list[str]:
    """The topics, each once: two that differ in letter case or white space are one."""
    once: dict[str, str] = {}
    for topic in topics:
        once.setdefault(normalize(topic), topic)
    return list(once.values())
