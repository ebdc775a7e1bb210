"""The checks of 05_aggregator: what the aggregator is asked again, whose words are overlooked, how
much is used.
"""

from dataclasses import dataclass, field

from mas_helpers import OPUS, Agent, fake_client, run
from mas_helpers.agents import Contradiction, Finding, Quote, Report, find_untraced, normalize
from mas_helpers.course.exercises import Failed, Line, call_async, call_plain, expect

RETURNED = "A caller would take an error that's returned for a report: raise it."
QUESTION = "Should the pool open at six?"
SAID = {"swimmers": "Six suits us. The water is cold then.", "guards": "We cannot start at six."}


def check_aggregate_again(aggregate_again):
    """One call when the report is traced, two when it is not, every problem in the second prompt,
    and no third.
    """
    good = _report(
        [
            ("Six is early.", ["guards", "cannot start at six"]),
            ("It suits.", ["swimmers", "Six suits us"]),
        ]
    )
    bad = _report([("It is warm.", ["swimmers", "warm"]), ("It is free.", ["swimmers", "free"])])
    worse = _report([("Nobody minds.", ["swimmers", "Six suits us"])])

    played = _play(aggregate_again, [good])
    case, hint = "a report that is traced", "Nothing is wrong, so nothing is asked again."
    expect(f"{case}: calls made", len(played.prompts), 1, hint)
    hint = "Return what aggregate(…) returns."
    expect(f"{case}: what came back", played.returned, good, hint)
    _expect_all_read(f"{case}: what the aggregator read", played.prompts[0])

    played = _play(aggregate_again, [bad, good])
    case, hint = "the first is untraceable", "Catch UntraceableReport, and ask once more."
    if played.error:
        raise Failed(f"{case}: what is raised", played.error, Line("no error: a second call"), hint)
    expect(f"{case}: calls made", len(played.prompts), 2, hint)
    problems = find_untraced(bad, SAID)
    named = [problem for problem in problems if normalize(problem) in normalize(played.prompts[1])]
    hint = "`error.problems` is a list: put every entry into the prompt, word for word."
    expect(f"{case}: the problems in the second prompt", named, problems, hint)
    hint = "The aggregator remembers nothing: the second prompt needs all that was in the first."
    _expect_all_read(f"{case}: what the aggregator read the second time", played.prompts[1], hint)
    expect(f"{case}: what came back", played.returned, good, "Return the second report.")

    played = _play(aggregate_again, [bad, worse, good])
    case, hint = "both are untraceable", "Once more at most: a loop has no end here."
    expect(f"{case}: calls made", len(played.prompts), 2, hint)
    hint = "The second report must be traced too, and its error propagates: aggregate(…) does both."
    _expect_raised(f"{case}: what is raised", played, "UntraceableReport", hint)
    hint = "Let the second error propagate, with the second report in it."
    expect(f"{case}: the report in the error", _ours(played.error.report), worse, hint)

    for how, (reply, kind) in OTHER_ERRORS.items():
        played = _play(aggregate_again, [reply, good])
        case, hint = (
            f"the first reply {how}",
            "Catch UntraceableReport alone: there's no report to fix.",
        )
        expect(f"{case}: calls made", len(played.prompts), 1, hint)
        _expect_raised(
            f"{case}: what is raised", played, kind, "Let it propagate: the caller must know."
        )
    played = _play(aggregate_again, [bad, REFUSED, good])
    case, hint = "the second reply is refused", "Let it propagate: the caller must know."
    expect(f"{case}: calls made", len(played.prompts), 2, hint)
    _expect_raised(f"{case}: what is raised", played, "ReplyRefused", hint)
    return "1 call when it's traced, 2 when it isn't, every problem named, and errors propagate"


REFUSED = {"stop_reason": "refusal"}
CUT = {"content": [{"type": "text", "text": '{"findings": ['}], "stop_reason": "max_tokens"}
OTHER_ERRORS = {
    "is refused": (REFUSED, "ReplyRefused"),
    "is cut": (CUT, "ReplyTruncated"),
    "is no report": ("I would rather not say.", "ReplyMalformed"),
    "says that the server is overloaded": (
        {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}},
        "OverloadedError",
    ),
}


def check_overlooked(overlooked):
    """The pairs of claim and perspective, in order, each once; never one that is quoted already."""
    texts = {
        "a": "Tea is cheap. Tea is quick.",
        "b": "We say: tea is\ncheap. tea is quick.",
        "c": "Coffee. TEA IS CHEAP.",
    }
    both, cheap = ["a", "Tea is cheap"], ("Cheap.", ["a", "Tea is cheap"])
    quick = ("Quick.", ["b", "tea is quick"])

    def ask(case, findings, expected, hint, contradictions=()):
        pairs = call_plain(overlooked, _report(findings, contradictions), dict(texts))
        if isinstance(pairs, list):
            pairs = [tuple(pair) if isinstance(pair, list) else pair for pair in pairs]
        hint = hint if isinstance(pairs, list) else "A list of pairs, (claim, perspective)."
        expect(case, pairs, expected, hint)

    hint = "Nobody but c has these words, and c is quoted."
    ask("words of one perspective alone", [("Coffee.", ["c", "Coffee"])], [], hint)
    hint = "Compare normalize(quote.words) with normalize(text); pairs are (claim, perspective)."
    everywhere = [("Cheap.", "b"), ("Cheap.", "c")]
    ask("words that are in all three, quoted from a", [cheap], everywhere, hint)
    hint = "Look at all perspectives, in their own order, also before the one that is quoted."
    last = [("Cheap.", ["c", "Tea is cheap"])]
    ask(
        "words that are in all three, quoted from c", last, [("Cheap.", "a"), ("Cheap.", "b")], hint
    )
    hint = "Look at each quote of a finding: one that is in the other text is enough."
    second = [("Tea.", ["c", "Coffee"], ["c", "tea is cheap"])]
    ask("only the second quote is in a and b", second, [("Tea.", "a"), ("Tea.", "b")], hint)
    first = [("Tea.", ["c", "tea is cheap"], ["c", "Coffee"])]
    ask("only the first quote is in a and b", first, [("Tea.", "a"), ("Tea.", "b")], hint)
    hint = "The finding quotes b already, with whatever words."
    with_b = [("Cheap.", both, ["b", "We say"])]
    ask("b is quoted with other words", with_b, [("Cheap.", "c")], hint)
    hint = "One pair for a claim and a perspective, however many of its quotes are there."
    twice = [("Tea.", ["a", "Tea is cheap"], ["a", "Tea is quick"])]
    ask("two quotes that are both in b", twice, [("Tea.", "b"), ("Tea.", "c")], hint)
    hint = "Each finding for itself, in the order of the report."
    ask("two findings", [cheap, quick], [*everywhere, ("Quick.", "a")], hint)
    hint = "Findings only: a contradiction has its sides already."
    against = [("Price.", ["a", "Tea is cheap"], ["c", "Coffee"])]
    ask("a contradiction", [("Coffee.", ["c", "Coffee"])], [], hint, against)
    ask("a report that says nothing", [], [], "An empty list.")
    return "10 reports, each pair once, in order"


def check_used(used):
    """For each perspective (sentences quoted from, sentences)."""
    texts = {
        "a": "Tea is cheap. Tea is quick. Milk is extra!",
        "b": "Is tea cheap? Tea is quick. It costs 2.50 here.",
        "c": "No coffee",
    }
    none = {"a": (0, 3), "b": (0, 3), "c": (0, 1)}

    def ask(case, findings, expected, hint, contradictions=()):
        counts = call_plain(used, _report(findings, contradictions), dict(texts))
        if isinstance(counts, dict):
            missing = [name for name in texts if name not in counts]
            if missing:
                hint = "A perspective that isn't quoted is there too: (0, how many it has)."
            elif not all(isinstance(count, tuple | list) for count in counts.values()):
                hint = "Two numbers for each: sentences quoted from, and sentences in all."
            elif [tuple(count)[1:] for count in counts.values()] != [
                (n,) for _, n in none.values()
            ]:
                hint = "`sentences(text)` gives the sentences of a text: 3, 3 and 1 of them."
            counts = {n: tuple(c) if isinstance(c, list) else c for n, c in counts.items()}
        else:
            hint = "A dictionary: for each perspective a pair of numbers."
        expect(case, counts, expected, hint)

    hint = "A sentence counts when one of the quotes is in it: normalize(…) on both."
    ask("one quote, from c", [("No.", ["c", "coffee"])], none | {"c": (1, 1)}, hint)
    hint = "Only for the perspective that is quoted, also where another has the same words."
    shared = [("Quick.", ["a", "Tea is quick"])]
    ask("words that a and b share, quoted from a", shared, none | {"a": (1, 3)}, hint)
    hint = "Count sentences, not quotes."
    parts = [("Quick.", ["a", "Tea is quick"]), ("It is.", ["a", "is quick"])]
    ask("one sentence of a, quoted by two findings", parts, none | {"a": (1, 3)}, hint)
    hint = "Look at every sentence; letter case and white space don't count: normalize(…) on both."
    typed = [("All.", ["a", "tea  IS cheap"], ["a", "milk is\nextra"], ["b", "is tea cheap?"])]
    ask("typed differently", typed, none | {"a": (2, 3), "b": (1, 3)}, hint)
    hint = "A point inside a number ends no sentence."
    ask("a price", [("Price.", ["b", "It costs 2.50 here."])], none | {"b": (1, 3)}, hint)
    hint = "Quotes of contradictions count like those of findings."
    sides = [("Price.", ["a", "Milk is extra"], ["b", "Is tea cheap"])]
    ask("a finding and a contradiction", parts, none | {"a": (2, 3), "b": (1, 3)}, hint, sides)
    ask("a report that says nothing", [], none, "Every perspective has its line, always.")
    return "7 reports counted, sentence by sentence"


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


@dataclass
class Played:
    """What an answer returned or raised, a report as one of ours, and the prompts of its calls."""

    prompts: list[str] = field(default_factory=list)
    returned: object = None
    error: Exception | None = None


def _play(answer, replies):
    """Played: what the answer does when the aggregator gives these replies, one after the other."""
    played, left = Played(), list(replies)

    def model(body):
        played.prompts.append(body["messages"][-1]["content"])
        reply = left.pop(0) if left else replies[-1]
        return reply if isinstance(reply, dict | str) else reply.model_dump_json()

    aggregator = Agent("aggregator", OPUS, "Merge.", client=fake_client(model, max_retries=0))

    async def main():
        try:
            played.returned = _ours(await call_async(answer, QUESTION, dict(SAID), aggregator))
        except Failed:
            raise
        except Exception as error:
            played.error = error

    run(main(), clock="virtual")
    if isinstance(played.returned, Exception):
        yours = Line(f"return {type(played.returned).__name__}(…)")
        raise Failed("what came back", yours, Line("raise"), RETURNED)
    known = {"UntraceableReport", *(kind for _, kind in OTHER_ERRORS.values())}
    if played.error and type(played.error).__name__ not in known:
        raise played.error
    return played


def _expect_all_read(case, prompt, hint="aggregate(…) puts the question and the perspectives in."):
    wanted = {"the question": QUESTION, **SAID}
    read = [name for name, text in wanted.items() if normalize(text) in normalize(prompt)]
    expect(case, read, list(wanted), hint)


def _expect_raised(case, played, kind, hint):
    if type(played.error).__name__ != kind:
        yours = played.error or Line(
            f"no error, and it returned a {type(played.returned).__name__}"
        )
        raise Failed(case, yours, Line(kind), hint)


def _ours(value):
    """A Report of the notebook's own class as the package's, to compare them."""
    return Report.model_validate(value.model_dump()) if type(value).__name__ == "Report" else value
