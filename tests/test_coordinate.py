"""coordinate: who reads what, who may fail, what a fact-check that cannot be read means, and what
the trail answers.
"""

import ast
import asyncio
import json
import pickle

import pytest

from mas_helpers import HAIKU, Agent, connect, fake_client, run, trace
from mas_helpers.agents.coordinator import (
    Brief,
    NoFactsFound,
    WriterFailed,
    audit_trail,
    coordinate,
    objections_to,
)
from mas_helpers.agents.fact_checker import (
    Draft,
    FactCheck,
    Objection,
    Research,
    find_misquoted,
    find_uncited,
    sentences,
    source_list,
)
from mas_helpers.agents.research_team import build_team
from mas_helpers.agents.sources import Fact
from mas_helpers.bench import MissingRecording
from mas_helpers.course.notebooks import read_notebook

DOCUMENTS = {
    "ferry.md": "The ferry carried 80 people. It was windy.",
    "bus.md": "The bus carried 20 people.",
}
TOPICS = ["How many took the ferry?", "How many took the bus?"]
REFUSED = {"stop_reason": "refusal"}
DOWN = {"status": 500, "error": {"type": "api_error", "message": "down"}}
CUT = {"content": [{"type": "text", "text": '{"objections": []'}], "stop_reason": "max_tokens"}


def notes(*facts, gaps=()):
    """Notes in JSON; a fact is `"ferry.md: words"`."""
    split = [fact.partition(": ") for fact in facts]
    listed = [
        {"claim": f"claim: {words}", "document": document, "words": words}
        for document, _, words in split
    ]
    return json.dumps({"facts": listed, "gaps": list(gaps)})


def check(*objections):
    return json.dumps(
        {"objections": [{"words": words, "reason": reason} for words, reason in objections]}
    )


def timed(text, seconds):
    return {"content": [{"type": "text", "text": text}], "seconds": seconds}


FERRY, BUS = (
    notes("ferry.md: The ferry carried 80 people"),
    notes("bus.md: The bus carried 20 people"),
)
GOOD = "The ferry carried 80 people [1]. The bus carried 20 [2]."
TEAM = {TOPICS[0]: FERRY, TOPICS[1]: BUS, "writer": GOOD, "fact-checker": check()}


def coordinated(replies, asked=None, topics=TOPICS, **options):
    """coordinate() with these replies: by topic for the researcher, by name for the others."""

    def answer(body):
        prompt = body["messages"][0]["content"]
        if asked is not None:
            asked.append((body["system"], prompt))
        given = replies[prompt if body["system"] == "researcher" else body["system"]]
        return given.pop(0) if isinstance(given, list) else given

    client = fake_client(answer, max_retries=0)
    team = [
        Agent(name, HAIKU, name, client=client) for name in ("researcher", "writer", "fact-checker")
    ]
    return coordinate("How many travel?", topics, *team, DOCUMENTS, **options)


def who(asked):
    return [name for name, _ in asked]


def test_a_brief_that_holds_has_no_caveats():
    brief = run(coordinated(TEAM))
    assert brief.text == GOOD and brief.caveats == [] and len(brief.drafts) == 1


def test_everybody_is_sent_what_they_need_and_nothing_else():
    asked = []
    run(coordinated(TEAM, asked))
    assert asked[:2] == [("researcher", TOPICS[0]), ("researcher", TOPICS[1])]
    sources = (
        'Sources:\n[1] claim: The ferry carried 80 people (ferry.md: "The ferry carried 80'
        ' people")\n[2] claim: The bus carried 20 people (bus.md: "The bus carried 20 people")'
    )
    assert asked[2:] == [
        ("writer", f"Question: How many travel?\n\n{sources}"),
        ("fact-checker", f"Brief:\n{GOOD}\n\n{sources}"),
    ]


def test_the_topics_are_researched_at_once():
    replies = {TOPICS[0]: timed(FERRY, 4.0), TOPICS[1]: timed(BUS, 3.0)}
    with trace() as t:
        run(
            coordinated(
                TEAM | replies | {"writer": timed(GOOD, 2.0), "fact-checker": timed(check(), 1.0)}
            ),
            clock="virtual",
        )
    assert t.seconds == 4.0 + 2.0 + 1.0


def test_an_objection_leads_to_a_new_draft_that_is_checked_again():
    asked = []
    first = "The ferry carried 90 people [1]. The bus carried 20 [2]."
    replies = {
        "writer": [first, GOOD],
        "fact-checker": [check(("carried 90 people", "the source says 80")), check()],
    }
    brief = run(coordinated(TEAM | replies, asked))
    assert brief.text == GOOD and brief.caveats == []
    assert who(asked)[2:] == ["writer", "fact-checker", "writer", "fact-checker"]
    again = asked[4][1]
    assert (
        f"Your last draft:\n{first}" in again
        and "- 'carried 90 people': the source says 80" in again
    )
    assert list(objections_to(brief)) == [
        (1, "fact-checker", "carried 90 people", "the source says 80", "fixed")
    ]


def test_no_more_researchers_than_seats_work_at_once():
    replies = {TOPICS[0]: timed(FERRY, 4.0), TOPICS[1]: timed(BUS, 3.0)}
    for seats, seconds in [(1, 7.0), (2, 4.0), (None, 4.0)]:
        with trace() as t:
            run(coordinated(TEAM | replies, max_concurrency=seats), clock="virtual")
        looked_up = [call for call in t.calls if call.agent == "researcher"]
        assert max(call.end for call in looked_up) == seconds
    asked = []
    with pytest.raises(ValueError, match="lets no job start"):
        run(coordinated(TEAM, asked, max_concurrency=0))
    assert asked == []


def test_a_topic_of_lesson_11_can_be_left_out(home, capsys):
    """It is what everybody tries there: the replies are recorded, and no nearest one is played."""
    cells = read_notebook(home / "notebooks" / "11_coordinator.ipynb")["cells"]
    (source,) = [cell["source"] for cell in cells if cell["source"].startswith("TOPICS = ")]
    (asked,) = [cell["source"] for cell in cells if cell["source"].startswith("QUESTION = ")]
    topics = ast.literal_eval(source.removeprefix("TOPICS = "))
    question = ast.literal_eval(asked.splitlines()[0].removeprefix("QUESTION = "))
    client = connect("11_coordinator", folder=home / "notebooks" / "recordings", strict=False)
    team = build_team(client, home / "notebooks" / "corpus")
    agents = team.researcher, team.writer, team.checker
    for left_out in topics:
        rest = [topic for topic in topics if topic != left_out]
        brief = run(coordinate(question, rest, *agents, team.documents))
        assert "[missing]" in brief.text and not any("objects" in one for one in brief.caveats)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_the_rounds_are_capped_and_what_stands_is_said(rounds):
    asked = []
    replies = {"fact-checker": check(("The bus carried 20", "not so"))}
    brief = run(coordinated(TEAM | replies, asked, rounds=rounds))
    assert (
        who(asked).count("writer")
        == who(asked).count("fact-checker")
        == len(brief.drafts)
        == rounds
    )
    assert brief.caveats == ["fact-checker objects to 'The bus carried 20': not so"]
    assert {row[-1] for row in objections_to(brief)} == {"stands"}


def test_no_round_at_all_is_a_mistake():
    with pytest.raises(ValueError, match="rounds=0"):
        run(coordinated(TEAM, rounds=0))


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("[]", "returned something that does not match the requested type"),
        ("No objections.", "returned something that does not match"),
        ('{"objections": "none"}', "returned something that does not match"),
        ("{}", "returned something that does not match"),
        (CUT, "was cut off"),
        (REFUSED, "refused"),
        ({"content": [], "stop_reason": "end_turn"}, "sent no text"),
        (DOWN, "500"),
        (
            check(("words that nobody wrote", "wrong")),
            "objects to words that are not there: 'words that nobody wrote'",
        ),
        (check(("", "wrong")), "objects to words that are not there: ''"),
    ],
)
def test_a_fact_check_that_cannot_be_used_is_never_no_objections(reply, said):
    """The claim that this corrects: a reply that does not begin with `[` counted as nothing to
    flag.
    """
    brief = run(coordinated(TEAM | {"fact-checker": reply}))
    assert brief.text == GOOD
    (caveat,) = brief.caveats
    assert caveat.startswith("not fact-checked: ") and said in caveat


def test_an_unchecked_draft_with_an_unknown_source_is_still_mended():
    replies = {"writer": ["The ferry is fast [7].", GOOD], "fact-checker": [DOWN, check()]}
    brief = run(coordinated(TEAM | replies))
    assert brief.text == GOOD and brief.caveats == []
    assert list(objections_to(brief))[0][:2] == (1, "code")


@pytest.mark.parametrize(
    "trouble", [REFUSED, DOWN, CUT, "no JSON", notes("ferry.md: invented words"), notes("no.md: x")]
)
def test_a_topic_without_facts_is_named_and_the_rest_is_written(trouble):
    asked = []
    brief = run(
        coordinated(
            TEAM
            | {
                TOPICS[1]: trouble,
                "writer": "The ferry carried 80 people [1]. Bus: [missing].",
            },
            asked,
        )
    )
    assert len(brief.sources) == 1
    assert any(caveat.startswith(f"nothing on {TOPICS[1]!r}: ") for caveat in brief.caveats)
    assert f"Not known: {TOPICS[1]}" in asked[2][1] and "invented words" not in asked[2][1]


def test_an_invented_fact_is_left_out_and_the_others_stay():
    asked = []
    mixed = notes("bus.md: The bus carried 20 people", "bus.md: The bus is free")
    brief = run(coordinated(TEAM | {TOPICS[1]: mixed}, asked))
    assert brief.caveats == ["a fact was left out: bus.md does not say 'The bus is free'"]
    assert "is free" not in asked[2][1]


def test_what_the_documents_do_not_say_is_told_to_the_writer_and_the_reader():
    asked = []
    brief = run(coordinated(TEAM | {TOPICS[1]: notes(gaps=["the fare of the bus"])}, asked))
    assert "not known: the fare of the bus" in brief.caveats
    assert "Not known: the fare of the bus" in asked[2][1]


OLD = Research(
    TOPICS[1],
    [Fact(claim="c", document="bus.md", words="The bus carried 20 people")],
    [],
    earlier="2026-10-01",
)


def test_facts_of_an_earlier_run_stand_in_and_are_labelled_everywhere():
    asked = []
    brief = run(coordinated(TEAM | {TOPICS[1]: DOWN}, asked, earlier={TOPICS[1]: OLD}))
    assert "[2] c (bus.md, found on 2026-10-01: " in asked[2][1]
    (caveat,) = brief.caveats
    assert caveat.startswith(f"facts of 2026-10-01 on {TOPICS[1]!r}: ")


def test_facts_of_an_earlier_run_are_not_used_when_the_researcher_answers():
    brief = run(coordinated(TEAM, earlier={TOPICS[1]: OLD}))
    assert brief.caveats == [] and not any(one.earlier for one in brief.research)


def test_an_earlier_run_without_a_date_is_labelled_all_the_same():
    old = Research(TOPICS[1], OLD.facts, [])
    brief = run(coordinated(TEAM | {TOPICS[1]: DOWN}, earlier={TOPICS[1]: old}))
    assert brief.caveats[0].startswith("facts of an unknown day on ")


@pytest.mark.parametrize("reply", [REFUSED, DOWN, notes(gaps=["all of it"])])
def test_without_any_fact_the_writer_is_not_paid(reply):
    asked = []
    with pytest.raises(NoFactsFound) as failed:
        run(coordinated({TOPICS[0]: reply, TOPICS[1]: reply}, asked))
    assert who(asked) == ["researcher", "researcher"]
    assert all(topic in str(failed.value) for topic in TOPICS)


@pytest.mark.parametrize("trouble", [REFUSED, DOWN, CUT, ""])
def test_a_writer_that_fails_is_an_error_that_keeps_what_was_paid_for(trouble):
    with pytest.raises(WriterFailed) as failed:
        run(coordinated(TEAM | {"writer": trouble}))
    assert len(failed.value.research) == 2 and failed.value.drafts == []
    assert str(failed.value).startswith("draft 1 was not written: ")
    first = "The bus carried 20 people [2]."
    replies = {"writer": [first, trouble], "fact-checker": check(("carried 20", "wrong"))}
    with pytest.raises(WriterFailed) as failed:
        run(coordinated(TEAM | replies))
    assert [draft.text for draft in failed.value.drafts] == [first]
    assert str(pickle.loads(pickle.dumps(failed.value))) == str(failed.value)


@pytest.mark.parametrize("name", ["researcher", "writer", "fact-checker"])
def test_a_missing_recording_is_nobodys_failure(name, monkeypatch):
    ask = Agent.reply

    async def reply(self, *args, **options):
        if self.name == name:
            raise MissingRecording("nothing recorded")
        return await ask(self, *args, **options)

    monkeypatch.setattr(Agent, "reply", reply)
    with pytest.raises((MissingRecording, ExceptionGroup)) as failed:
        run(coordinated(TEAM))
    assert isinstance(failed.value, MissingRecording) or failed.value.subgroup(MissingRecording)


def test_one_topic_named_twice_is_researched_once():
    asked = []
    run(coordinated(TEAM, asked, topics=[*TOPICS, TOPICS[0]]))
    assert who(asked).count("researcher") == 2


def test_the_trail_answers_who_said_it_and_from_which_source():
    brief = run(
        coordinated(TEAM | {"writer": "Together 100 people travel [1][2]. Fares are [missing]."})
    )
    assert list(audit_trail(brief)) == [
        (
            "Together 100 people travel [1][2].",
            "[1]",
            TOPICS[0],
            "ferry.md",
            "The ferry carried 80 people",
        ),
        (
            "Together 100 people travel [1][2].",
            "[2]",
            TOPICS[1],
            "bus.md",
            "The bus carried 20 people",
        ),
        ("Fares are [missing].", "", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("A [1]. B [2]!  C [1][2]?", []),
        ("A 2.50 crowns at 6:40 [1].", []),
        ("It is not known [missing].", []),
        ("A. B [1].", ["it names no source"]),
        ("A [3].", ["there is no source [3]"]),
        ("A [0].", ["there is no source [0]"]),
        ("A [1][9].", ["there is no source [9]"]),
        ("A [x]. B (1).", ["it names no source"] * 2),
        ("", ["it says nothing"]),
    ],
)
def test_a_sentence_without_a_source_is_objected_to_by_code(text, reasons):
    assert [objection.reason for objection in find_uncited(text, 2)] == reasons
    assert all(objection.words in text for objection in find_uncited(text, 2))


def test_words_of_an_objection_may_differ_in_what_typing_changes():
    assert (
        find_misquoted(
            FactCheck(objections=[Objection(words="the  BUS", reason="")]), "The bus is late."
        )
        == []
    )
    for text in ("It is late [5][6].", "It is late [missing]."):
        assert (
            find_misquoted(FactCheck(objections=[Objection(words="It is late.", reason="")]), text)
            == []
        )


def test_an_objection_stands_however_the_sentence_is_cited():
    draft = Draft(
        "It is late [1].", {"fact-checker": [Objection(words="It is late.", reason="no")]}
    )
    assert [row[-1] for row in objections_to(Brief("Q", [], [draft]))] == ["stands"]


def test_one_objection_to_strange_words_does_not_hide_the_others():
    replies = {
        "fact-checker": check(("The bus carried 20", "not so"), ("words of nobody", "wrong"))
    }
    brief = run(coordinated(TEAM | replies, rounds=1))
    assert brief.caveats == [
        "not fact-checked: it objects to words that are not there: 'words of nobody'",
        "fact-checker objects to 'The bus carried 20': not so",
    ]


def test_a_researcher_who_finds_nothing_and_says_nothing_is_named():
    brief = run(coordinated(TEAM | {TOPICS[1]: notes()}))
    assert brief.caveats[0] == f"nothing was found on {TOPICS[1]!r}"


def test_sentences_are_split_at_their_ends():
    assert sentences("One costs 2.50. Two?  Three!\n\nFour") == [
        "One costs 2.50.",
        "Two?",
        "Three!",
        "Four",
    ]


def test_sources_are_numbered_through():
    research = [Research("a", OLD.facts * 2, ["x"]), Research("b", OLD.facts, [])]
    brief = Brief("Q", research, [Draft("t", {})])
    assert list(brief.sources) == [1, 2, 3] and brief.sources[3][0].topic == "b"
    assert [line[:3] for line in source_list(research).splitlines()[1:]] == [
        "[1]",
        "[2]",
        "[3]",
        "Not",
    ]


def test_facts_of_an_earlier_run_must_be_in_the_documents_still():
    gone = Fact(claim="g", document="bus.md", words="The bus is free")
    old = Research(TOPICS[1], [gone, *OLD.facts], [], earlier="2026-10-01")
    brief = run(coordinated(TEAM | {TOPICS[1]: DOWN}, earlier={TOPICS[1]: old}))
    assert [fact.words for _, fact in brief.sources.values()] == [
        "The ferry carried 80 people",
        "The bus carried 20 people",
    ]
    assert "a fact was left out: bus.md does not say 'The bus is free'" in brief.caveats


def test_a_deadline_of_one_agent_is_a_failure_like_any_other():
    class Slow(Agent):
        async def parse(self, prompt, kind):
            async with asyncio.timeout(1.0):
                return await super().parse(prompt, kind)

    replies = TEAM | {TOPICS[1]: timed(BUS, 60.0)}

    def answer(body):
        prompt = body["messages"][0]["content"]
        return replies[prompt if body["system"] == "researcher" else body["system"]]

    client = fake_client(answer)
    team = [
        kind(n, HAIKU, n, client=client)
        for kind, n in ((Slow, "researcher"), (Agent, "writer"), (Agent, "fact-checker"))
    ]
    brief = run(coordinate("Q", TOPICS, *team, DOCUMENTS), clock="virtual")
    assert f"nothing on {TOPICS[1]!r}: TimeoutError" in brief.caveats
