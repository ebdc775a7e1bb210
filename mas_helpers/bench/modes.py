"""Replay, record or live: from `mode=`, else MAS_MODE, else replay."""

from __future__ import annotations

import os
from typing import Literal, cast, get_args

from anthropic import AnthropicError

Mode = Literal["replay", "record", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)


class ModeError(AnthropicError):
    """The mode asked for does not exist, or does not fit what is being done."""


def current_mode(asked: str | None = None) -> Mode:
    """`"replay"`, `"record"` or `"live"`: what is asked for, else MAS_MODE. Raises ModeError."""
    chosen = asked or os.environ.get("MAS_MODE") or "replay"
    if chosen in MODES:
        return cast(Mode, chosen)
    where = "mode=" if asked else "MAS_MODE="
    fix = "" if asked else " Unset MAS_MODE and start again to replay."
    raise ModeError(f"{where}{chosen} is not a mode. Use one of: {', '.join(MODES)}.{fix}")
