"""Replay, record or live: from `mode=`, else MAS_MODE, else replay."""

from __future__ import annotations

import os
from typing import Literal, get_args

from anthropic import AnthropicError

Mode = Literal["replay", "record", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)


Clock = Literal["virtual", "real"]


class ModeError(AnthropicError):
    """The mode doesn't exist, or doesn't fit what you're doing."""


def current_mode(asked: str | None = None) -> Mode:
    """`"replay"`, `"record"` or `"live"`: the one you ask for, else MAS_MODE. Raises ModeError."""
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


def current_clock() -> Clock:
    """`"virtual"` in replay, `"real"` when the API is asked or MAS_CLOCK=real. Raises ModeError."""
    chosen = os.environ.get("MAS_CLOCK") or "virtual"
    if chosen not in ("virtual", "real"):
        raise ModeError(f"MAS_CLOCK={chosen} is no clock. Use virtual or real, or unset it.")
    return "virtual" if chosen == "virtual" and current_mode() == "replay" else "real"
