"""Replay, record or live: from `mode=`, else MAS_MODE, else replay."""

from __future__ import annotations

import os
from typing import Literal, get_args

from anthropic import AnthropicError

Mode = Literal["replay", "record", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)


class ModeError(AnthropicError):
    """The mode asked for does not exist, or does not fit what is being done."""


def current_mode(asked: str | None = None) -> Mode:
    """`"replay"`, `"record"` or `"live"`: what is asked for, else MAS_MODE. Raises ModeError."""
    chosen = asked or os.environ.get("MAS_MODE") or "replay"
    for mode in MODES:
        if chosen == mode:
            return mode
    modes = ", ".join(MODES)
    if asked:
        raise ModeError(f"mode={chosen} is not a mode. Use one of: {modes}.")
    raise ModeError(
        f"MAS_MODE={chosen} is not a mode. Use one of: {modes}. "
        "Unset MAS_MODE and start again to replay."
    )
