"""The checks of 10_fact_checker: several fact-checkers at once, and which mistakes one of them
misses.
"""

import json

from mas_helpers import SONNET, Agent, fake_client, run, trace
from mas_helpers.agents import Fact, Research
from mas_helpers.course.exercises import Failed, Line, call_async, expect

REFUSED = {"stop_reason": "refusal"}
ONCE = "Each checker is asked once: fact_check(text, research, one)."


def check_checked_by_all(checked_by_all):
    """All at once; objections by name; each checker that failed is named, and never counts as
    agreeing.
    """
    text, research = (
        "The lake is deep [1]. The boat is blue.",
        [Research("lake", [_fact("lake.md")], [])],
    )
    deep, blue = _verdict("is deep"), _verdict("boat is blue")

    def ask(_seconds=(2.0, 3.0, 4.0), **replies):
        asked, complete = [], []

        def checker(name, reply, seconds):
            def model(body):
                prompt = body["messages"][0]["content"]
                asked.append(name)
                complete.append(text in prompt and "lake.md" in prompt)
                content = [{"type": "text", "text": reply}] if isinstance(reply, str) else []
                more = reply if isinstance(reply, dict) else {}
                return {"seconds": seconds, "content": content, **more}

            return Agent(name, SONNET, name, client=fake_client(model, max_retries=0))

        team = [checker(*one) for one in zip(replies, replies.values(), _seconds, strict=False)]
        with trace() as t:
            draft = run(call_async(checked_by_all, text, research, team), clock="virtual")
        if type(draft).__name__ != "Draft":  # the package's, or the one in the lesson
            hint = "Return Draft(text, objections, unchecked)."
            raise Failed("what came back", draft, Line("a Draft"), hint)
        if not isinstance(draft.objections, dict):
            hint = "A dict: under each name the list of its objections, as in the drafts you merge."
            raise Failed("the objections", draft.objections, Line("a dict"), hint)
        expect("the draft and its sources in each prompt", all(complete), True, ONCE)
        return draft, asked, t.seconds

    def words(draft):
        return {
            name: [objection.words for objection in made] for name, made in draft.objections.items()
        }

    draft, asked, seconds = ask(ann=deep, bob=blue)
    expect(
        "two checkers: calls made",
        sorted(asked),
        ["ann", "bob"],
        ONCE,
    )
    expect(
        "two checkers of 2 and 3 s: seconds",
        seconds,
        3.0,
        "All at once: fan_out({name: coroutine, …}).",
    )
    expect("two checkers: the text", draft.text, text, "The draft keeps its text.")
    hint = "Merge the `objections` of each draft with |; code comes first, and once."
    expected = {"code": ["The boat is blue."], "ann": ["is deep"], "bob": ["boat is blue"]}
    expect("two checkers: objections", words(draft), expected, hint)
    expect("two checkers: order of the names", list(draft.objections), ["code", "ann", "bob"], hint)
    expect(
        "two checkers: unchecked",
        draft.unchecked,
        "",
        "Everybody gave a verdict, so nothing is unchecked.",
    )
    draft, *_, seconds = ask((4.0, 3.0, 2.0), cleo=deep, ann=blue, bob=deep)
    expect("three checkers of 4, 3 and 2 s: seconds", seconds, 4.0, "All of them at once.")
    hint = "In the order of the list, not in that in which they are done: fan_out keeps it."
    expected = ["code", "cleo", "ann", "bob"]
    expect("three checkers, the last one done first: names", list(draft.objections), expected, hint)

    hint = "One that objects to nothing agrees; its name is there, with an empty list."
    draft, *_ = ask(ann=deep, bob=_verdict())
    expected = {"code": ["The boat is blue."], "ann": ["is deep"], "bob": []}
    expect("the second has no objection", words(draft), expected, hint)

    for case, trouble, reason in [
        ("refuses", REFUSED, "refused"),
        ("answers in prose", "No objections.", "does not match the requested type"),
        ("reads another text", _verdict("nobody wrote this"), "words that are not there"),
    ]:
        hint = "The verdict of the other one counts: it is in the result."
        expected = {"code": ["The boat is blue."], "bob": ["boat is blue"]}
        draft, *_ = ask(ann=trouble, bob=blue)
        found = words(draft)
        if case == "reads another text" and found.get("ann") == []:
            # it gave a verdict, of which nothing is left: with or without its name
            del found["ann"]
        expect(f"the first {case}: objections", found, expected, hint)
        hint = (
            "Its name and its reason go into unchecked, "
            "also where the reason alone does not name it."
        )
        named = ("ann" in draft.unchecked, reason in draft.unchecked, "bob" in draft.unchecked)
        expect(
            f"the first {case}: ann named, with the reason; bob named",
            named,
            (True, True, False),
            hint,
        )
        draft, *_ = ask(ann=deep, bob=trouble)
        named = ("ann" in draft.unchecked, reason in draft.unchecked, "bob" in draft.unchecked)
        expect(
            f"the second {case}: ann named; the reason; bob named", named, (False, True, True), hint
        )
    draft, *_ = ask(ann=_verdict("is deep", "nobody wrote this"), bob=blue)
    expected = {"code": ["The boat is blue."], "ann": ["is deep"], "bob": ["boat is blue"]}
    hint = "The objections that can be used are kept; fact_check has sorted them out."
    expect("one strange objection beside a good one: objections", words(draft), expected, hint)
    named = ("ann" in draft.unchecked, "words that are not there" in draft.unchecked)
    expect(
        "one strange objection beside a good one: ann named, with the reason",
        named,
        (True, True),
        hint,
    )
    draft, *_ = ask(ann=REFUSED, bob="No objections.", cleo=deep)
    wanted = ("ann", "refused", "bob", "does not match", "cleo")
    expect(
        "the first refuses, the second sends prose: both names, both reasons, and not the third",
        tuple(one in draft.unchecked for one in wanted),
        (True, True, True, True, False),
        "Join the reasons: none may get lost.",
    )
    draft, *_ = ask(ann=REFUSED, bob=REFUSED)
    expect(
        "both refuse: objections",
        words(draft),
        {"code": ["The boat is blue."]},
        "Those of the code are left.",
    )
    return "all at once, objections by name, each failure named"


def _fact(document):
    return Fact(claim="c", document=document, words="w")


def _verdict(*words):
    return json.dumps(
        {"objections": [{"words": objection, "reason": "not so"} for objection in words]}
    )


PLANTED = [
    ("The lake is 9 m deep [1]. The boat is red [2].", "9 m deep"),
    ("The lake is deep [1]. The boat is blue [2].", "The boat is blue"),
    ("The bus is free [1].", "free"),
]


def check_missed(missed):
    """Which planted mistakes a checker says nothing of; all drafts checked at once."""

    def ask(case, verdicts, expected, hint, planted=None, seconds=(4, 4, 4)):
        planted = PLANTED if planted is None else planted
        got, seconds, prompts = _missed(missed, verdicts, planted, seconds)
        if not isinstance(got, list):
            raise Failed(
                f"{case}: what came back", got, Line("a list of pairs"), "[(text, words), …]"
            )
        if not all(isinstance(one, tuple | list) for one in got):
            hint = "Return the pairs as they were given: (text, words)."
            raise Failed(f"{case}: what came back", got, Line("a list of pairs"), hint)
        pairs = [tuple(one) for one in got]
        if sorted(map(str, pairs)) == sorted(map(str, expected)):
            hint = "In the order of `planted`, not in that in which they are done."
        expect(f"{case}: what it missed", pairs, expected, hint)
        return seconds, prompts

    every = [["The lake is 9 m deep"], ["boat is blue"], ["The bus is free"]]
    hint = "An objection counts whose words hold the planted ones, or the other way round."
    seconds, prompts = ask("it finds all three", every, [], hint)
    hint = "fact_check(text, research, checker) for each draft, once."
    sent = [any(text in prompt for prompt in prompts) for text, _ in PLANTED]
    expect(
        "it finds all three: was each draft checked", (len(prompts), sent), (3, [True] * 3), hint
    )
    expect("it finds all three: seconds (4 for each)", seconds, 4.0, "All at once: fan_out.")
    ask(
        "it objects to nothing", [[], [], []], PLANTED, "An empty list of objections found nothing."
    )
    hint = "It objects to other words: that mistake is missed. Compare the words."
    ask("it objects to the red boat", [["The boat is red"], *every[1:]], PLANTED[:1], hint)
    hint = "normalize(…) on both: letter case and white space do not count."
    ask("typed differently", [["The lake is 9  M deep"], *every[1:]], [], hint)
    hint = "Without a verdict nothing was found: draft.objections has no entry under its name."
    ask("it refuses the second draft", [every[0], None, every[2]], PLANTED[1:2], hint)
    hint = "What it found counts, also where it objects to words that are not there besides."
    ask("it invents words besides", [[*every[0], "The moon is full"], *every[1:]], [], hint)
    unsourced = [("The bus is free.", "free"), *PLANTED[1:]]
    hint = "Only the checker is tested: what `code` objects to is under another name."
    ask("a sentence without a source", [[], *every[1:]], unsourced[:1], hint, unsourced)
    twice = [PLANTED[0], ("The lake is 9 m deep [1]. The boat is red [2].", "red"), PLANTED[2]]
    hint = "Two mistakes in one text are two pairs: number the jobs, the text is no name for them."
    red = ["The boat is red"]
    ask("two mistakes in one text", [red, red, []], [twice[0], twice[2]], hint, twice)
    crossed = [["The lake is 9 m deep and cold"], *every[1:]]
    hint = (
        "Words that the draft does not have can't be used: fact_check has dropped that objection."
    )
    ask("it objects to words that are not in the draft", crossed, PLANTED[:1], hint)
    part = [["The lake is 9"], ["boat"], ["The"]]
    hint = "It touches the sentence, not the mistake: one of the two must hold the whole other."
    ask("it objects to other words of the same sentence", part, [PLANTED[0], PLANTED[2]], hint)
    hint = "An empty list of objections found nothing."
    ask("the last draft is done first", [[], [], []], PLANTED, hint, None, (6, 5, 4))
    ask("nothing is planted", [], [], "No pair, no call, nothing missed.", [])
    return "12 checkers, each mistake that they missed is named"


def _missed(function, verdicts, planted, seconds):
    """What came back, the seconds and the prompts; each draft gets the verdict of its place."""
    research = [Research("lake", [_deep(), _deep()], [])]
    prompts, left = [], list(zip(planted, verdicts, seconds, strict=False))

    def model(body):
        prompts.append(body["messages"][0]["content"])
        here = [one for one in left if one[0][0] in prompts[-1]] or [(None, None, 4)]
        _, words, took = here[0]
        if words is None:
            return {"stop_reason": "refusal", "seconds": took}
        objections = [{"words": one, "reason": "No source says so."} for one in words]
        text = json.dumps({"objections": objections})
        return {"content": [{"type": "text", "text": text}], "seconds": took}

    checker = Agent("ann", SONNET, "You check.", client=fake_client(model, max_retries=0))
    with trace() as t:
        got = run(call_async(function, checker, list(planted), research), clock="virtual")
    return got, t.seconds, prompts


def _deep():
    return Fact(claim="The lake is 7 m deep.", document="lake.md", words="7 m deep")
