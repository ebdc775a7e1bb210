"""What looks like a secret: found in files, taken out of what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

SECRETS = {
    "an Anthropic key": r"sk-ant-[\w-]{12,}",
    "an OpenAI key": r"\bsk-(?!ant-)(?:proj-)?[A-Za-z0-9_-]{20,}",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})",
    "a GitLab token": r"\bglpat-[\w-]{16,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a Google key": r"\bAIza[\w-]{35}",
    "a JSON Web Token": r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a bearer token": r"(?i:\bBearer)\s+(?:(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}|[\w.~+/=-]{24,})",
    # a value after the name of a header; a word of prose there has no digit, a placeholder begins
    # with $, < or {
    "a key in a header": r"(?i:\bx-api-key)[\\\"']*\s*[:=,]\s*[\\\"']*"
    r"(?=[\w.~+/=-]*\d)[\w.~+/=-]{6,}",
    "a login in a header": r"(?i:\bauthorization)[\\\"']*\s*[:=,]\s*[\\\"']*(?:Basic\s+)?"
    r"(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}",
}
_SECRET = re.compile("|".join(f"({pattern})" for pattern in SECRETS.values()))


def redact(text: str) -> str:
    """The text with everything that looks like a secret taken out."""
    return _SECRET.sub("[secret]", text)


def secrets_in(path: Path) -> Iterator[str]:
    """Where something in the file looks like a secret, never the secret itself."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in _SECRET.finditer(text):
        kind = list(SECRETS)[(match.lastindex or 1) - 1]
        line = text.count("\n", 0, match.start()) + 1
        fix = "Take it out, and revoke it where it was issued: git keeps old versions."
        yield f"{path}, line {line}: looks like {kind}. {fix}"
