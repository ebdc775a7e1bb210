"""The desk, replayed: what it asks, what it answers, how long it takes, and what it does when calls
fail.
"""

import asyncio
import json

import anthropic
import pytest
import reply_desk

from mas_helpers.bench.faults import Fault

LATE = "Where is my parcel P-2207? It should have been here on Monday. H. Brandt"
LOST = "Your driver says P-3150 was delivered. I have nothing! D. Okoye"


def seconds_of(calls, agent):
    return [(call.start, call.end) for call in calls if call.agent == agent]


def test_a_late_parcel_is_explained(recordings, virtual_time):
    answer = virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert answer.text.startswith(
        "Dear Ms Brandt,\nyour parcel P-2207 has been waiting since Monday"
    )
    assert answer.topic == "late" and not answer.to_a_human


def test_it_asks_what_it_should(recordings, virtual_time):
    virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert [call.agent for call in virtual_time.calls] == [
        "sorter",
        "clerk",
        "clerk",
        "writer",
        "policy",
        "tone",
    ]
    sorter, clerk, clerk_again, writer, policy, tone = recordings.sent
    assert sorter["messages"] == clerk["messages"] == [{"role": "user", "content": LATE}]
    (found,) = clerk_again["messages"][2]["content"]
    assert json.loads(found["content"])["reason"] == "the van broke down" and not found["is_error"]
    assert "because the van broke down" in writer["messages"][0]["content"]
    assert policy["messages"] == tone["messages"]


def test_it_takes_as_long_as_the_clerk_the_writer_and_the_slower_checker(recordings, virtual_time):
    virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    # not the sorter's 0.8, nor the other checker's 0.9
    assert virtual_time.seconds == round(2.0 + 1.6 + 3.4 + 1.1, 6)
    assert seconds_of(virtual_time.calls, "sorter") == [(0.0, 0.8)]
    assert seconds_of(virtual_time.calls, "clerk") == [(0.0, 2.0), (2.0, 3.6)]
    assert seconds_of(virtual_time.calls, "policy") == [(7.0, 8.1)]
    assert seconds_of(virtual_time.calls, "tone") == [(7.0, 7.9)]


def test_a_mail_costs_less_than_two_cents(recordings, virtual_time):
    virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert sum(call.output_tokens for call in virtual_time.calls) == 492
    assert 0 < virtual_time.cost_usd < 0.02


def test_a_reply_that_promises_money_goes_to_a_human(recordings, virtual_time):
    answer = virtual_time.run(reply_desk.answer(recordings("lost"), LOST))
    assert answer.why == ["policy: It promises 4.50 euros, and a day to pay them back."]


def test_an_overloaded_second_call_is_asked_again(recordings, faults, virtual_time):
    faults.append(Fault("overloaded", agent="clerk", call=2, attempts=1))
    answer = virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert not answer.to_a_human
    # a 529 after 0.1 s, the SDK's wait before its second try
    assert virtual_time.seconds == round(8.1 + 0.1 + 0.5, 6)


def test_a_connection_that_is_always_reset_ends_with_a_human(recordings, faults, virtual_time):
    faults.append(Fault("reset", agent="clerk"))
    answer = virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert answer.why == ["APIConnectionError: Connection error."] and answer.text == ""
    assert virtual_time.seconds == 0.5 + 0.5 + 0.5 + 1.0 + 0.5  # three tries, two waits


def test_without_the_sorter_the_topic_is_other(recordings, faults, virtual_time):
    faults.append(Fault("refused", agent="sorter"))
    answer = virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    assert answer.topic == "other" and not answer.to_a_human


def test_a_draft_that_breaks_off_is_not_sent(recordings, faults, virtual_time):
    faults.append(Fault("cut_stream", agent="writer", seconds=1.0))
    answer = virtual_time.run(reply_desk.answer(recordings("late"), LATE))
    # httpx2's own: the SDK does not wrap this one
    assert answer.text == "" and answer.why[0].startswith("ReadError")


def test_a_silent_api_ends_at_the_deadline(recordings, faults, virtual_time):
    faults.append(Fault("timeout", agent="policy"))
    answer = virtual_time.run(reply_desk.answer(recordings("late", timeout=10.0), LATE))
    assert virtual_time.seconds == reply_desk.DEADLINE == 25.0
    assert answer.why == ["no reply within 25 s"]


async def objections_of_version_0_8(client, text):
    """As it was until this test was written: a checker that failed had no objection."""

    async def verdict(role):
        try:
            return reply_desk.text_of(await reply_desk.ask(client, role, text)).strip()
        except (anthropic.APIError, reply_desk.Unusable):
            return "OK"

    verdicts = await asyncio.gather(verdict("policy"), verdict("tone"))
    return [said for said in verdicts if said != "OK"]


@pytest.mark.parametrize("kind", ["overloaded", "refused", "empty", "truncated"])
def test_a_checker_that_fails_has_not_said_yes(kind, recordings, faults, virtual_time, monkeypatch):
    faults.append(Fault(kind, agent="policy"))
    answer = virtual_time.run(reply_desk.answer(recordings("lost"), LOST))
    assert answer.to_a_human and answer.why[0].startswith("policy did not check")

    monkeypatch.setattr(reply_desk, "objections", objections_of_version_0_8)
    answer = virtual_time.run(reply_desk.answer(recordings("lost"), LOST))
    assert not answer.to_a_human  # the bug: 4.50 euros are promised, and nobody has looked at it


@pytest.mark.parametrize("seed", range(20))
def test_whatever_fails_the_desk_answers_in_time(seed, recordings, faults, virtual_time):
    faults.draw(seed, overloaded=0.1, reset=0.1, timeout=0.05, slow=0.1)
    answer = virtual_time.run(reply_desk.answer(recordings("late", timeout=8.0), LATE))
    assert virtual_time.seconds <= reply_desk.DEADLINE
    assert answer.text or answer.to_a_human
