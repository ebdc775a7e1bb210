"""The checks of 05_aggregator: what the aggregator is asked again, whose words are overlooked, how
much is used.
"""

import inspect

from anthropic import AnthropicError

from mas_helpers import OPUS, Agent, ReplyError, ReplyRefused, ReplyTruncated, fake_client, run
from mas_helpers.agents import (
    Contradiction,
    Finding,
    Quote,
    Report,
    UntraceableReport,
    find_untraced,
    normalize,
)
from mas_helpers.course.exercises import Failed, Line, expect

RETURNED = "Whoever calls it would take a returned error for a report. An error is raised."

QUESTION = "Should the pool open at six?"
SAID = {"swimmers": "Six suits us. The water is cold then.", "guards": "We cannot start at six."}


def check_aggregate_again(aggregate_again):
    """One call when the report is traced, two when it is not, every problem in the second prompt,
    and no third.
    """
    expect(
        "it is a coroutine function",
        inspect.iscoroutinefunction(aggregate_again),
        True,
        "Begin with `async def`.",
    )
    good = _report(
        [
            ("Six is early.", ["guards", "cannot start at six"]),
            ("It suits.", ["swimmers", "Six suits us"]),
        ]
    )
    bad = _report([("It is warm.", ["swimmers", "warm"]), ("It is free.", ["swimmers", "free"])])
    worse = _report([("Nobody minds.", ["swimmers", "Six suits us"])])
    problems = find_untraced(bad, SAID)

    got, prompts = _played(aggregate_again, [good])
    expect(
        "a report that is traced: calls made",
        len(prompts),
        1,
        "Nothing is wrong, so nothing is asked again.",
    )
    expect(
        "a report that is traced: what came back", got, good, "Return what aggregate(…) returns."
    )

    got, prompts = _played(aggregate_again, [bad, good])
    hint = (
        "`except UntraceableReport as error:`, then aggregate(…) once more with another question."
    )
    expect("the first is untraceable: calls made", len(prompts), 2, hint)
    problems_there = [normalize(problem) in normalize(prompts[1]) for problem in problems]
    hint = "error.problems is a list; put every entry into the prompt."
    expect(
        f"the first has {len(problems)} problems: named in the second prompt",
        sum(problems_there),
        len(problems),
        hint,
    )
    read = [name for name, text in SAID.items() if normalize(text) in normalize(prompts[1])]
    hint = "The aggregator remembers nothing: the second prompt needs all that was in the first."
    expect("the first is untraceable: perspectives in the second prompt", read, list(SAID), hint)
    expect(
        "the first is untraceable: the question is in the second prompt",
        QUESTION in prompts[1],
        True,
        hint,
    )
    expect("the first is untraceable: what came back", got, good, "Return the second report.")

    got, prompts = _played(aggregate_again, [bad, worse])
    expect(
        "both are untraceable: calls made",
        len(prompts),
        2,
        "Once more at most: a loop has no end here.",
    )
    hint = (
        "The second report must be traced too, and its error must get out. aggregate(…) does both."
    )
    expect("both are untraceable: what got out", type(got).__name__, "UntraceableReport", hint)
    hint = "Let the second error out, with the second report in it."
    expect("both are untraceable: the report in the error", got.report, worse, hint)

    for reply, kind in [({"stop_reason": "refusal"}, ReplyRefused), (_cut(), ReplyTruncated)]:
        case = f"the first reply is a {kind.__name__}"
        got, prompts = _played(aggregate_again, [reply, good])
        expect(
            f"{case}: calls made",
            len(prompts),
            1,
            "Catch UntraceableReport alone: there is no report to fix here.",
        )
        expect(
            f"{case}: what got out",
            type(got).__name__,
            kind.__name__,
            "Let it out: the caller must know.",
        )
    return "1 call when it is traced, 2 when it is not, every problem named, and errors get out"


def check_overlooked(overlooked):
    """The pairs of claim and perspective, in order, each once; folded; never one that is quoted
    already.
    """
    texts = {
        "a": "Tea is cheap. Tea is quick.",
        "b": "We say: tea is\ncheap. tea is quick.",
        "c": "Coffee. TEA IS CHEAP.",
    }
    both, cheap = ["a", "Tea is cheap"], ("Cheap.", ["a", "Tea is cheap"])

    def ask(case, findings, expected, hint, contradictions=()):
        expect(case, _listed(overlooked(_report(findings, contradictions), texts)), expected, hint)

    hint = "Nobody else has these words."
    ask("words that stand in one perspective alone", [("Coffee.", ["c", "Coffee"])], [], hint)
    hint = "Compare normalize(quote.words) with normalize(text); pairs are (claim, perspective)."
    ask(
        "words that stand in all three, quoted from the first",
        [cheap],
        [("Cheap.", "b"), ("Cheap.", "c")],
        hint,
    )
    hint = (
        "All perspectives count, also those before the one that is quoted, and in their own order."
    )
    ask(
        "quoted from the last",
        [("Cheap.", ["c", "Tea is cheap"])],
        [("Cheap.", "a"), ("Cheap.", "b")],
        hint,
    )
    hint = "The finding quotes b already, with whatever words."
    ask(
        "b is quoted with other words", [("Cheap.", both, ["b", "We say"])], [("Cheap.", "c")], hint
    )
    hint = "One pair for a claim and a perspective, however many of its quotes stand there."
    twice = [("Tea.", ["a", "Tea is cheap"], ["a", "Tea is quick"])]
    ask("two quotes that both stand in b", twice, [("Tea.", "b"), ("Tea.", "c")], hint)
    quick = ("Quick.", ["b", "tea is quick"])
    expected = [("Cheap.", "b"), ("Cheap.", "c"), ("Quick.", "a")]
    ask(
        "two findings",
        [cheap, quick],
        expected,
        "Each finding for itself, in the order of the report.",
    )
    hint = "Findings only: a contradiction has its sides already."
    against = [("Price.", ["a", "Tea is cheap"], ["c", "Coffee"])]
    ask("a contradiction", [("Coffee.", ["c", "Coffee"])], [], hint, against)
    return "7 reports, each pair once, in order"


def check_used(used):
    """For each perspective (sentences quoted from, sentences), whoever else has the same words."""
    texts = {
        "a": "Tea is cheap. Tea is quick. Milk is extra!",
        "b": "Is tea cheap? Tea is quick.",
        "c": "No coffee.",
    }

    def ask(case, findings, expected, hint, contradictions=()):
        expect(case, used(_report(findings, contradictions), texts), expected, hint)

    hint = "A perspective that is not quoted is there too: (0, how many it has)."
    none = {"a": (0, 3), "b": (0, 2), "c": (0, 1)}
    ask("one quote, from c", [("No.", ["c", "coffee"])], none | {"c": (1, 1)}, hint)
    hint = "Only for the perspective that is quoted, also where another has the same words."
    ask(
        "words that a and b share, quoted from a",
        [("Quick.", ["a", "Tea is quick"])],
        none | {"a": (1, 3)},
        hint,
    )
    hint = "Count sentences, not quotes."
    parts = [("Quick.", ["a", "Tea is quick"]), ("It is.", ["a", "is quick"])]
    ask("one sentence of a, quoted by two findings", parts, none | {"a": (1, 3)}, hint)
    hint = "Look at every sentence; letter case and white space do not count: normalize(…) on both."
    typed = [("All.", ["a", "tea  IS cheap"], ["a", "milk is\nextra"], ["b", "is tea cheap?"])]
    ask("typed differently", typed, none | {"a": (2, 3), "b": (1, 2)}, hint)
    hint = "Quotes of contradictions count like those of findings."
    sides = [("Price.", ["a", "Milk is extra"], ["b", "Is tea cheap"])]
    ask("a finding and a contradiction", parts, none | {"a": (2, 3), "b": (1, 2)}, hint, sides)
    ask("a report that says nothing", [], none, "Every perspective has its line, always.")
    return "6 reports counted, sentence by sentence"


def _report(findings, contradictions=()):
    """`[("claim", ["who", "words"], …), …]` as a Report."""

    def quotes(pairs):
        return [Quote(perspective=who, words=words) for who, words in pairs]

    return Report(
        findings=[Finding(claim=claim, quotes=quotes(pairs)) for claim, *pairs in findings],
        contradictions=[
            Contradiction(about=about, quotes=quotes(pairs)) for about, *pairs in contradictions
        ],
    )


def _cut():
    return {"content": [{"type": "text", "text": '{"findings": ['}], "stop_reason": "max_tokens"}


def _played(function, replies):
    """What the learner's function returned or raised, a report as one of ours, and the prompts of
    its calls.
    """
    prompts, left = [], list(replies)

    def answer(body):
        prompts.append(body["messages"][-1]["content"])
        if not left:
            raise AssertionError("it went on asking")
        reply = left.pop(0)
        return reply if isinstance(reply, dict) else reply.model_dump_json()

    aggregator = Agent("aggregator", OPUS, "Merge.", client=fake_client(answer, max_retries=0))
    try:
        got = run(function(QUESTION, dict(SAID), aggregator), clock="virtual")
    except (ReplyError, AnthropicError) as error:
        return error, prompts
    except Exception as error:
        if type(error).__name__ != "UntraceableReport":
            raise
        return UntraceableReport(error.problems, _ours(error.report)), prompts
    if isinstance(got, Exception):
        raise Failed(
            "what came back", Line(f"return {type(got).__name__}(…)"), Line("raise"), RETURNED
        )
    return _ours(got), prompts


def _ours(value):
    """A Report of the notebook's own class as the package's, to compare them."""
    return Report.model_validate(value.model_dump()) if type(value).__name__ == "Report" else value


def _listed(value):
    return (
        [tuple(pair) if isinstance(pair, list) else pair for pair in value]
        if isinstance(value, list)
        else value
    )
