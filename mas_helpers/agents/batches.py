"""Lesson 25: many calls handed over at once, for half the price, and waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from anthropic import AsyncAnthropic


async def run_batch(
    client: AsyncAnthropic, requests: Sequence[Any], poll_seconds: float = 60.0
) -> list[Any]:
    """What came of each request, in an order of their own: `.custom_id` says whose it is, and
    `.result.type` whether it succeeded, errored, was canceled or expired.
    """
    batches = client.messages.batches
    batch = await batches.create(requests=requests)
    while batch.processing_status != "ended":
        await asyncio.sleep(poll_seconds)
        batch = await batches.retrieve(batch.id)
    return [result async for result in await batches.results(batch.id)]
