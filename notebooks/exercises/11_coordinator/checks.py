"""The checks of 11_coordinator: what sentences rest on, and when to stop revising."""

import inspect
import json

from mas_helpers import SONNET, Agent, fake_client, run
from mas_helpers.agents import Brief, Draft, Fact, Research, revision_prompt, sentences
from mas_helpers.course.exercises import call_async, call_plain, expect

REFUSED = {"stop_reason": "refusal"}

TASK = "Question: How is the lake?"


def check_rests_on(rests_on):
    """Pairs of draft and document, sentence by sentence, in every draft."""
    lake, bus = _fact("lake.md"), _fact("bus.md")
    research = [Research("lake", [lake, _fact("boat.md")], []), Research("bus", [bus, bus], [])]
    research.append(Research("fares", [_fact(f"fare_{n}.md") for n in range(5, 13)], []))

    def ask(case, words, texts, expected, hint):
        before = Brief("How is it?", research, [Draft(text, {}) for text in texts])
        answer = call_plain(rests_on, words, before)
        if inspect.isgenerator(answer):
            answer = list(answer)
        answer = (
            [tuple(pair) if isinstance(pair, list) else pair for pair in answer]
            if isinstance(answer, list)
            else answer
        )
        expect(case, answer, expected, _hint(answer, expected, hint))

    hint = "brief.sources[n] is a pair of research and fact; the fact has the document."
    ask(
        "one draft, one sentence, one source",
        "80 people",
        ["It carried 80 people [2]."],
        [(1, "boat.md")],
        hint,
    )
    hint = "Numbers go through all topics: [3] is the first fact of the second one here."
    ask("a source of the second topic", "free", ["It is free [3]."], [(1, "bus.md")], hint)
    hint = "A number may have several digits: [12] is one source."
    ask("source [12]", "free", ["It is free [12]."], [(1, "fare_12.md")], hint)
    hint = "Only the sentences that have the words in them."
    ask(
        "two sentences, one with the words",
        "blue",
        ["It is deep [1]. It is blue [2]."],
        [(1, "boat.md")],
        hint,
    )
    hint = "Each number that the sentence cites gives an entry, once, in the order of the sentence."
    ask(
        "a sentence with [3][1][3]",
        "blue",
        ["It is blue [3][1][3]."],
        [(1, "bus.md"), (1, "lake.md")],
        hint,
    )
    hint = "One entry for each number, also where two facts are of one document."
    expected = [(1, "bus.md"), (1, "bus.md")]
    ask("two sources of one document", "free", ["It is free [3][4]."], expected, hint)
    hint = "Each sentence with the words has its own entries."
    expected = [(1, "lake.md"), (1, "lake.md")]
    ask("two sentences, one source", "blue", ["It is blue [1]. How blue [1]."], expected, hint)
    hint = "`sentences` knows where a sentence ends; a point in a number is no end."
    ask("a number with a point", "1.5 km", ["It is 1.5 km long [2]."], [(1, "boat.md")], hint)
    hint = "normalize(…) on both."
    ask("typed differently", "the  LAKE is", ["The lake\nis blue [1]."], [(1, "lake.md")], hint)
    hint = "Go through brief.drafts, not brief.text alone; enumerate(…, 1)."
    drafts = ["It carried 90 people [2].", "It carried 80 people [1]."]
    ask("words of the first of two drafts", "90", drafts, [(1, "boat.md")], hint)
    ask("words of both drafts", "people", drafts, [(1, "boat.md"), (2, "lake.md")], hint)
    hint = 'A sentence without a source has an entry too: (draft number, "").'
    ask("a sentence without a source", "blue", ["It is blue. It is deep [1]."], [(1, "")], hint)
    ask(
        "a sentence marked [missing]", "blue", ["How blue is not known [missing]."], [(1, "")], hint
    )
    hint = 'Leave out numbers that are not in brief.sources; if none is left, the document is "".'
    ask("a source that is not there", "blue", ["It is blue [13]."], [(1, "")], hint)
    ask(
        "one that is there, one that isn't",
        "blue",
        ["It is blue [13][1]."],
        [(1, "lake.md")],
        hint,
    )
    ask("words that nobody wrote", "green", drafts, [], "An empty list: nobody said it.")
    return "every draft, every source, in order"


def _hint(answer, expected, hint):
    """What went wrong in the same way everywhere, else the hint of the case."""
    if answer is None:
        return "It returned nothing. What is printed is shown, but not given back: return a list."
    if not isinstance(answer, list):
        return (
            "Return a list of pairs: [(draft, document), …]. A dict has one place for each draft."
        )
    if answer and answer == [(number - 1, document) for number, document in expected]:
        return "Drafts count from 1: enumerate(brief.drafts, 1)."
    if expected and not answer and expected[0][1]:
        return f"Look for the words in the sentences of the drafts, not in the facts. {hint}"
    return hint


def check_while_better(while_better):
    """The number of drafts for several histories of objections, and what the writer was sent."""
    research = [Research("lake", [_fact("lake.md")], [])]

    def ask(case, history, rounds, expected, hint):
        """history: for each draft, how many objections the checker makes, or that it refuses
        (None), and how many sentences have no source.
        """
        prompts, read_by_the_checker = [], []

        def write(body):
            prompts.append(body["messages"][0]["content"])
            cited, bare = history[min(len(prompts), len(history)) - 1]
            lines = [f"Draft {len(prompts)} says {n} [1]." for n in range(max(cited or 0, 1))]
            return " ".join(lines + [f"Draft {len(prompts)} knows {n}." for n in range(bare)])

        def read(body):
            text = (
                body["messages"][0]["content"].partition("Brief:\n")[2].partition("\n\nSources:")[0]
            )
            read_by_the_checker.append(text)
            cited, _ = history[min(len(prompts), len(history)) - 1]
            return REFUSED if cited is None else _verdict(*sentences(text)[:cited])

        writer = Agent("writer", SONNET, "Write.", client=fake_client(write, max_retries=0))
        checker = Agent("fact-checker", SONNET, "Check.", client=fake_client(read, max_retries=0))
        answer = call_async(while_better, TASK, research, writer, checker, rounds)
        drafts = run(answer, clock="virtual")
        expect(f"{case}: drafts written", len(prompts), expected, hint)
        kinds = (
            [type(draft).__name__ for draft in drafts]
            if isinstance(drafts, list)
            else type(drafts).__name__
        )
        expect(
            f"{case}: what came back",
            kinds,
            ["Draft"] * expected,
            "Return the list of all drafts, as `write_and_check` does.",
        )
        again = "Check each draft once, with fact_check: every check is a call that you pay."
        expect(
            f"{case}: how often the checker was asked", len(read_by_the_checker), expected, again
        )
        return prompts, drafts

    hint = "No objection, nothing to revise: revision_prompt(…) gives an empty prompt."
    ask("objections 0", [(0, 0)], 5, 1, hint)
    prompts, drafts = ask(
        "objections 3, 2, 1, 0", [(3, 0), (2, 0), (1, 0), (0, 0)], 9, 4, "Fewer each time: go on."
    )
    hint = "The first prompt is the task, each later one revision_prompt(task, the last draft)."
    expect("the first prompt", prompts[0], TASK, hint)
    expect(
        "each later prompt",
        prompts[1:],
        [revision_prompt(TASK, draft) for draft in drafts[:-1]],
        hint,
    )
    hint = "No fewer than before: stop. As many is no fewer."
    ask("objections 2, 2", [(2, 0), (2, 0), (1, 0)], 9, 2, hint)
    ask("objections 2, 3", [(2, 0), (3, 0), (1, 0)], 9, 2, hint)
    hint = "Compare with the draft just before, not with the first one."
    ask("objections 4, 1, 2", [(4, 0), (1, 0), (2, 0), (0, 0)], 9, 3, hint)
    hint = "At most `rounds` drafts, however much better they get."
    ask("objections 5, 4, 3, 2 with rounds=3", [(5, 0), (4, 0), (3, 0), (2, 0)], 3, 3, hint)
    ask("objections 2, 1 with rounds=1", [(2, 0), (1, 0)], 1, 1, hint)
    hint = "Count the objections under every name: draft.objections.values(), the code's too."
    ask("1 of the checker; then 1 of the code", [(1, 0), (0, 1), (0, 0)], 9, 2, hint)
    ask("2 of the code; then 1 of the code", [(0, 2), (0, 1), (0, 0)], 9, 3, hint)
    hint = (
        "A draft that is unchecked counts with the objections that it has: "
        "those of the code, or none."
    )
    _, drafts = ask("objections 2; then the checker refuses", [(2, 0), (None, 0)], 9, 2, hint)
    expect(
        "the checker refuses: unchecked",
        drafts[-1].unchecked,
        "fact-checker refused",
        "Return the drafts as they are.",
    )
    ask(
        "objections 2; unchecked and 1 of the code; then 0", [(2, 0), (None, 1), (0, 0)], 9, 3, hint
    )
    ask("objections 1; unchecked and 1 of the code", [(1, 0), (None, 1), (0, 0)], 9, 2, hint)
    return "stops when nothing is better, when all is well, and at the cap"


def _fact(document):
    return Fact(claim="c", document=document, words="w")


def _verdict(*words):
    return json.dumps(
        {"objections": [{"words": objection, "reason": "not so"} for objection in words]}
    )
