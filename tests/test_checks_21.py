"""The checks of 21_mcp reject the wrong answers that people give, in words."""

import asyncio

import pytest
from anthropic.lib.tools import ToolError


def by_hash(pins, now):
    old = set(pins.values())
    return {
        "new": sorted(set(now) - set(pins)),
        "gone": sorted(set(pins) - set(now)),
        "changed": sorted(name for name in now if name in pins and now[name] not in old),
    }


def whatever_differs(pins, now):
    return sorted(name for name in {*pins, *now} if pins.get(name) != now.get(name))


def nothing_is_gone(pins, now):
    changed = sorted(name for name in pins if pins[name] != now.get(name))
    return {"new": sorted(set(now) - set(pins)), "gone": [], "changed": changed}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (by_hash, "Compare what one name had with what the same name has now"),
        (whatever_differs, "Return a dict of three lists."),
        (nothing_is_gone, "doesn't have any more is gone"),
    ],
)
def test_changes_that_are_wrong(graded, answer, said):
    result = graded("21_mcp", "changes", answer)
    assert result.passed is False and said in str(result)


async def without_a_limit(call, seconds, most):
    text = await call()
    return text if len(text) <= most else f"{text[:most]}\n[cut]"


async def waits_and_says_nothing(call, seconds, most):
    try:
        return await asyncio.wait_for(call(), seconds)
    except ToolError:
        return ""


async def goes_on_behind(call, seconds, most):
    task = asyncio.ensure_future(call())
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        raise ToolError("no answer in time")
    text = task.result()
    return text if len(text) <= most else f"{text[:most]}\n[cut]"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (without_a_limit, "where the time is over"),
        (waits_and_says_nothing, "then a line `[cut]`"),
        (goes_on_behind, "Cancel the call"),
    ],
)
def test_a_result_without_limits(graded, answer, said):
    result = graded("21_mcp", "limited", answer)
    assert result.passed is False and said in str(result)
