"""Message Batches as the stand-in knows them: handed over at once, polled, results in an order of
their own.

What is modelled here, not measured: a batch is in progress when it's asked for the first time, and
has ended when it's asked for again; its results come in reverse. Its times are the epoch.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from .messages_api import ApiError, Body, message_for, stable_id

PATH = "/v1/messages/batches"
MOST_REQUESTS = 100_000  # of one batch; the API's documentation, 2026-11-20
KINDS = ("succeeded", "errored", "canceled", "expired")
NextReply = Callable[[Body], tuple[dict[str, Any], int]]


class Batches:
    """The batches of one server, and how often each was asked for."""

    def __init__(self) -> None:
        self._batches: dict[str, list[dict[str, Any]]] = {}
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def create(self, raw: bytes, check: Callable[[bytes], Body], next_reply: NextReply) -> Body:
        """The new batch. Raises ApiError for what the API would refuse."""
        requests = _requests_in(raw)
        results = [
            {"custom_id": one["custom_id"], "result": _result_of(one["params"], check, next_reply)}
            for one in requests
        ]
        batch_id = stable_id("msgbatch_", json.loads(raw))
        with self._lock:
            self._batches[batch_id], self._asked[batch_id] = results, 0
        return _batch(batch_id, results, ended=False)

    def get(self, path: str) -> Body | str:
        """A batch, or its results as lines of JSON. Raises ApiError where there's no such thing."""
        found = re.fullmatch(rf"{PATH}/(\w+)(/results)?", path)
        results = self._batches.get(found[1]) if found else None
        if not found or results is None:
            raise ApiError(404, f"The stand-in has no {path}", "not_found_error")
        if found[2]:
            return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in reversed(results))
        with self._lock:
            self._asked[found[1]] += 1
            return _batch(found[1], results, ended=self._asked[found[1]] > 1)


def _requests_in(raw: bytes) -> list[dict[str, Any]]:
    try:
        requests = json.loads(raw)["requests"]
        names = [str(one["custom_id"]) for one in requests if isinstance(one["params"], dict)]
    except (ValueError, TypeError, KeyError) as error:
        raise ApiError(400, f"The request body is malformed: {error!r}") from None
    if not 0 < len(requests) <= MOST_REQUESTS:
        raise ApiError(400, f"requests: between 1 and {MOST_REQUESTS:,} requests are needed")
    if len(set(names)) < len(requests):
        raise ApiError(400, "requests: each needs params, and a custom_id of its own")
    return list(requests)


def _result_of(
    params: Body, check: Callable[[bytes], Body], next_reply: NextReply
) -> dict[str, Any]:
    """A request that's wrong is an error of its own, as in the API: the batch goes on."""
    try:
        body = check(json.dumps(params).encode())
        reply, k = next_reply(body)
        if reply.get("expired"):
            return {"type": "expired"}
        if "status" in reply:
            raise ApiError(reply["status"], **reply["error"])
        message = message_for(reply, body, k)
    except ApiError as error:
        return {"type": "errored", "error": {"type": "error", "error": error.error}}
    message["usage"]["service_tier"] = "batch"
    return {"type": "succeeded", "message": message}


def _batch(batch_id: str, results: list[dict[str, Any]], *, ended: bool) -> Body:
    epoch, kinds = "1970-01-01T00:00:00Z", Counter(one["result"]["type"] for one in results)
    counts = {kind: kinds[kind] if ended else 0 for kind in KINDS}
    return {
        "id": batch_id,
        "type": "message_batch",
        "processing_status": "ended" if ended else "in_progress",
        "request_counts": {"processing": 0 if ended else len(results), **counts},
        "created_at": epoch,
        "expires_at": "1970-01-02T00:00:00Z",
        "ended_at": epoch if ended else None,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": f"{PATH}/{batch_id}/results" if ended else None,
    }
