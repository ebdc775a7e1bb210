"""What a prompt cache counts: who writes, who reads, and what keeps a prefix from being found."""

import asyncio

import pytest

from mas_helpers import HAIKU, SONNET, cost_usd, fake_client, run, trace
from mas_helpers.bench import with_prompt_cache

DOCUMENT = "a" * 66_000  # 20,000 tokens


def block(text, **mark):
    return {"type": "text", "text": text, **({"cache_control": {"type": "ephemeral"} | mark})}


def plain(text):
    return {"type": "text", "text": text}


def client_with(**options):
    model = with_prompt_cache(lambda body: {"content": [plain("x")], "seconds": 4.0}, **options)
    return fake_client(model)


def ask(client, system, prompt="?", model=SONNET, **more):
    message = {"role": "user", "content": prompt}
    return client.messages.create(
        model=model, max_tokens=9, system=system, messages=[message], **more
    )


def counted(message):
    """Thousands of tokens: written, read."""
    usage = message.usage
    written, read = usage.cache_creation_input_tokens, usage.cache_read_input_tokens
    return round((written or 0) / 1000), round((read or 0) / 1000)


def in_a_row(*systems, client=None, waits=0.0, **more):
    client = client or client_with()

    async def main():
        came = []
        for system in systems:
            came.append(counted(await ask(client, system, **more)))
            await asyncio.sleep(waits)
        return came

    return run(main(), clock="virtual")


SHARED = [[block(DOCUMENT), plain(f"role {n}")] for n in range(3)]


def test_one_writes_and_those_that_come_after_it_read():
    assert in_a_row(*SHARED) == [(20, 0), (0, 20), (0, 20)]


def test_those_that_begin_together_write_each():
    async def main(client):
        return await asyncio.gather(*[ask(client, system) for system in SHARED])

    with trace() as t:
        came = run(main(client_with()), clock="virtual")
    assert [counted(message) for message in came] == [(20, 0)] * 3 and t.seconds == 4.0
    assert cost_usd(t) == pytest.approx(0.150, abs=0.001)


@pytest.mark.parametrize("later, counts", [(0.9, (20, 0)), (1.1, (0, 20)), (3.0, (0, 20))])
def test_a_prefix_is_read_once_the_reply_of_its_writer_has_begun(later, counts):
    async def main(client):
        first = asyncio.create_task(ask(client, SHARED[0]))
        await asyncio.sleep(later)
        second = await ask(client, SHARED[1])
        await first
        return counted(second)

    assert run(main(client_with(begins=1.0)), clock="virtual") == counts


def test_one_that_was_given_up_before_its_reply_began_has_written_nothing():
    async def main(client):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await ask(client, SHARED[0])
        return counted(await ask(client, SHARED[1]))

    assert run(main(client_with()), clock="virtual") == (20, 0)


def test_what_differs_before_the_mark_is_another_prefix():
    role_first = [[plain(f"role {n}"), block(DOCUMENT)] for n in range(2)]
    assert in_a_row(*role_first) == [(20, 0)] * 2
    assert in_a_row(SHARED[0], model=SONNET) == [(20, 0)]
    client = client_with()
    assert in_a_row(SHARED[0], client=client) == [(20, 0)]
    assert in_a_row(SHARED[0], client=client, model=HAIKU) == [(20, 0)]
    tools = [{"name": "now", "description": "", "input_schema": {"type": "object"}}]
    assert in_a_row(SHARED[0], client=client, tools=tools) == [(20, 0)]
    assert in_a_row(SHARED[0], client=client) == [(0, 20)]


def test_nothing_is_cached_without_a_mark_or_below_the_least():
    assert in_a_row([plain(DOCUMENT)], [plain(DOCUMENT)]) == [(0, 0)] * 2
    assert in_a_row(*SHARED[:2], client=client_with(least=21_000)) == [(0, 0)] * 2


def test_an_entry_is_forgotten_five_minutes_or_an_hour_after_its_last_use():
    assert in_a_row(*SHARED, waits=290) == [(20, 0), (0, 20), (0, 20)]
    assert in_a_row(*SHARED, waits=301) == [(20, 0)] * 3
    hour = [[block(DOCUMENT, ttl="1h"), plain("role")]] * 2
    assert in_a_row(*hour, waits=3000) == [(20, 0), (0, 20)]
    message = run(ask(client_with(), hour[0]), clock="virtual")
    assert message.usage.cache_creation.ephemeral_1h_input_tokens > 19_000
    assert message.usage.cache_creation.ephemeral_5m_input_tokens == 0


def test_a_conversation_reads_what_its_last_turn_wrote_and_writes_the_rest():
    turns = [{"role": "user", "content": "b" * 33_000}]
    mark = {"cache_control": {"type": "ephemeral"}}

    async def main(client):
        options = {"model": SONNET, "max_tokens": 9, "system": DOCUMENT, **mark}
        first = await client.messages.create(messages=turns, **options)
        more = [{"role": "assistant", "content": "x"}, {"role": "user", "content": "c" * 33_000}]
        second = await client.messages.create(messages=turns + more, **options)
        return counted(first), counted(second)

    assert run(main(client_with()), clock="virtual") == ((30, 0), (10, 30))


def test_all_tokens_of_a_prompt_are_counted_once_and_a_text_still_comes_behind_its_thinking():
    client = fake_client(with_prompt_cache(lambda body: "x"))
    message = run(ask(client, SHARED[0], "b" * 3300), clock="virtual")
    usage = message.usage
    whole = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
    characters = 66_000 + len("role 0") + 3300
    assert whole == -(-characters * 10 // 33) and usage.input_tokens > 1000
    assert [one.type for one in message.content] == ["thinking", "text"]


def test_an_error_of_the_api_stays_one_and_writes_nothing():
    replies = iter([{"status": 400, "error": {"type": "x"}}, "x"])
    client = fake_client(with_prompt_cache(lambda body: next(replies)))
    with pytest.raises(Exception, match="400"):
        run(ask(client, SHARED[0]), clock="virtual")
    assert in_a_row(SHARED[0], client=client) == [(20, 0)]
