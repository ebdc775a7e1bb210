"""The checks of 12_errors reject the wrong answers that people give, in words."""

import asyncio
from dataclasses import replace

import pytest
from anthropic import (
    APIConnectionError,
    APIError,
    APIStatusError,
    InternalServerError,
    OverloadedError,
    RateLimitError,
)

from mas_helpers import ReplyError


def _once(agent):
    return replace(agent, client=agent.client.with_options(max_retries=0))


async def _fallback(
    agent, fallback, prompt, *, errors=InternalServerError, first=_once, second=lambda agent: agent
):
    """The right answer, with one part of it replaced."""
    try:
        return agent.name, await first(agent).run(prompt)
    except errors:
        return fallback.name, await second(fallback).run(prompt)


async def with_all_the_retries(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, first=lambda agent: agent)


async def catches_the_overload_alone(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, errors=OverloadedError)


async def by_two_statuses(agent, fallback, prompt):
    try:
        return agent.name, await _once(agent).run(prompt)
    except APIStatusError as error:
        if error.status_code not in (500, 529):
            raise
        return fallback.name, await fallback.run(prompt)


async def catches_every_api_error(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, errors=APIError)


async def catches_refusals_too(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, errors=(InternalServerError, ReplyError))


async def catches_rate_limits_too(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, errors=(InternalServerError, RateLimitError))


async def the_fallback_tries_once(agent, fallback, prompt):
    return await _fallback(agent, fallback, prompt, second=_once)


async def asks_both(agent, fallback, prompt):
    spare = await fallback.run(prompt)
    try:
        return agent.name, await _once(agent).run(prompt)
    except InternalServerError:
        return fallback.name, spare


async def only_the_text(agent, fallback, prompt):
    return (await _fallback(agent, fallback, prompt))[1]


async def under_the_wrong_name(agent, fallback, prompt):
    return agent.name, (await _fallback(agent, fallback, prompt))[1]


async def never_falls_back(agent, fallback, prompt):
    return agent.name, await _once(agent).run(prompt)


async def returns_the_error(agent, fallback, prompt):
    try:
        return await _fallback(agent, fallback, prompt)
    except InternalServerError as error:
        return fallback.name, f"Error: {error}"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (with_all_the_retries, "One request: replace(agent"),
        (catches_the_overload_alone, "server_error (500)"),
        (by_two_statuses, "Any status from 500 up"),
        (catches_every_api_error, "Catch InternalServerError alone"),
        (catches_refusals_too, "the first agent: refused"),
        (catches_rate_limits_too, "the first agent: rate_limited"),
        (the_fallback_tries_once, "The fallback keeps its own client"),
        (asks_both, "The fallback is asked only when the first one fails."),
        (only_the_text, "A pair: the name of the one that answered"),
        (under_the_wrong_name, "('small', 'from small')"),
        (never_falls_back, "overloaded (529) after 0.1 s"),
        (returns_the_error, "its error is raised."),
    ],
)
def test_wrong_fallbacks(graded, answer, words):
    result = graded("12_errors", "answer_or_fallback", answer)
    assert result.passed is False
    assert words in str(result)


async def _capped(
    agent,
    prompt,
    cap,
    *,
    first=_once,
    second=_once,
    errors=RateLimitError,
    wait=None,
    missing="inf",
):
    """The right answer, with one part of it replaced."""
    try:
        return await first(agent).run(prompt)
    except errors as error:
        told = float(error.response.headers.get("retry-after", missing))
        if not (wait or (lambda told, cap: told <= cap))(told, cap):
            raise
    await asyncio.sleep(told)
    return await second(agent).run(prompt)


async def leaves_it_to_the_sdk(agent, prompt, cap):
    return await agent.run(prompt)


async def the_second_with_retries(agent, prompt, cap):
    return await _capped(agent, prompt, cap, second=lambda agent: agent)


async def below_the_cap_only(agent, prompt, cap):
    return await _capped(agent, prompt, cap, wait=lambda told, cap: told < cap)


async def whatever_it_says(agent, prompt, cap):
    return await _capped(agent, prompt, cap, wait=lambda told, cap: True, missing="0")


async def comes_back_at_the_cap(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError as error:
        await asyncio.sleep(min(cap, float(error.response.headers.get("retry-after", "0"))))
    return await _once(agent).run(prompt)


async def waits_for_the_cap(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError:
        await asyncio.sleep(cap)
    return await _once(agent).run(prompt)


async def does_not_wait(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError:
        return await _once(agent).run(prompt)


async def asks_again_without_the_header(agent, prompt, cap):
    return await _capped(agent, prompt, cap, missing="0")


async def again_and_again(agent, prompt, cap):
    for _ in range(9):
        try:
            return await _once(agent).run(prompt)
        except RateLimitError as error:
            told = float(error.response.headers.get("retry-after", "inf"))
            if told > cap:
                raise
            await asyncio.sleep(told)


async def a_timeout_around_it(agent, prompt, cap):
    try:
        async with asyncio.timeout(cap):
            return await agent.run(prompt)
    except TimeoutError:
        return ""


async def whole_numbers_only(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError as error:
        await asyncio.sleep(int(error.response.headers["retry-after"]))
        return await _once(agent).run(prompt)


async def compares_the_text(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError as error:
        if error.response.headers.get("retry-after") > cap:
            raise
        await asyncio.sleep(float(error.response.headers["retry-after"]))
        return await _once(agent).run(prompt)


async def trusts_the_header(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except RateLimitError as error:
        told = float(error.response.headers["retry-after"])
        if told > cap:
            raise
    await asyncio.sleep(told)
    return await _once(agent).run(prompt)


async def any_error_with_the_header(agent, prompt, cap):
    return await _capped(agent, prompt, cap, errors=APIStatusError)


async def reads_the_header_of_every_api_error(agent, prompt, cap):
    return await _capped(agent, prompt, cap, errors=APIError)


async def the_header_of_what_has_no_response(agent, prompt, cap):
    try:
        return await _once(agent).run(prompt)
    except (RateLimitError, APIConnectionError) as error:
        told = float(error.response.headers.get("retry-after", "inf"))
        if told > cap:
            raise
    await asyncio.sleep(told)
    return await _once(agent).run(prompt)


async def with_a_bug_of_its_own(agent, prompt, cap):
    return await agent.client["large"].run(prompt)


async def again_after_any_error(agent, prompt, cap):
    try:
        return await _capped(agent, prompt, cap)
    except InternalServerError:
        return await _once(agent).run(prompt)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (leaves_it_to_the_sdk, "One request each time"),
        (the_second_with_retries, "429 twice, retry-after: 2"),
        (below_the_cap_only, "At most `cap` means <="),
        (whatever_it_says, "It asks for more than the cap"),
        (comes_back_at_the_cap, "429, retry-after: 300, cap 10"),
        (waits_for_the_cap, "Wait for exactly what the header says"),
        (does_not_wait, "Wait for exactly what the header says"),
        (asks_again_without_the_header, "429 without the header"),
        (again_and_again, "429 twice, retry-after: 2"),
        (a_timeout_around_it, "One request each time"),
        (whole_numbers_only, "invalid literal for int()"),
        (whole_numbers_only, "The header is a text: float(…)"),
        (compares_the_text, "The header is a text: float(…)"),
        (trusts_the_header, "gives None where it isn't there"),
        (any_error_with_the_header, "overloaded (529), with a retry-after of 2"),
        (reads_the_header_of_every_api_error, "overloaded (529), with a retry-after of 2"),
        (the_header_of_what_has_no_response, "only that has a response with this header"),
        (with_a_bug_of_its_own, "your code raised an error"),
        (again_after_any_error, "Whatever the second request raises"),
    ],
)
def test_wrong_caps(graded, answer, words):
    result = graded("12_errors", "with_retry_after_cap", answer)
    assert result.passed is False
    assert words in str(result)
