"""Finds what looks like a secret in files, and takes it out of what is printed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

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
    "a Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{30,}",
    "a PyPI token": r"\bpypi-[A-Za-z0-9_-]{40,}",
    "a Google OAuth token": r"\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}",
    "a SendGrid key": r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    # a value after its name; a placeholder begins with $, < or {, and a word has no digit
    "a secret in a variable": r"\b(?:[A-Z0-9]+_)*"
    r"(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY)(?:_[A-Z0-9]+)*[\\\"']*\s*[=:]\s*[\\\"']*(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}",
    "a key of an Azure account": r"\bAccountKey=[\w+/=]{20,}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@<>{}$*]*:"
    r"[^\s/@<>{}$*]+@[\w.-]",
    "a signature in an address": r"(?i:[?&](?:sig|sas|signature|x-(?:amz|goog)-signature|x-amz-"
    r"security-token)=)[\w%+/=.-]{16,}",
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


def is_credential(header: str) -> bool:
    """True for the name of a header or variable that holds credentials."""
    return _CREDENTIAL.search(header) is not None


_CREDENTIAL = re.compile(r"(?i)auth|key|token|secret|password|cookie|credential")


class SecretFilter:
    """Finds secrets in what is about to be recorded: anything that looks like one, and the
    credentials in use.
    """

    def __init__(self, not_secret: Iterable[str] = ()) -> None:
        self.not_secret = tuple(not_secret)

    def find(self, value: Any, credentials: Collection[str]) -> list[str]:
        """Where there is one, and what kind it is: `["body.system: an AWS key"]`; never the secret
        itself.
        """
        return [
            f"{place.lstrip('.')}: {kind}"
            for place, text in _texts(value)
            for kind in self._kinds(text, credentials)
        ]

    def taken_out(self, value: Any, credentials: Collection[str]) -> Any:
        """The same value, with `[secret]` wherever there was one."""
        if isinstance(value, str):
            for credential in credentials:
                value = value.replace(credential, "[secret]")
            return _SECRET.sub(lambda found: found[0] if self._known(found) else "[secret]", value)
        if isinstance(value, dict):
            return {
                self.taken_out(name, credentials): self.taken_out(part, credentials)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self.taken_out(part, credentials) for part in value]
        return value

    def _kinds(self, text: str, credentials: Collection[str]) -> Iterator[str]:
        if any(credential in text for credential in credentials):
            yield "the credential that this request is sent with"
            return
        for found in _SECRET.finditer(text):
            if not self._known(found):
                yield kind_of(found)

    def _known(self, found: re.Match[str]) -> bool:
        return any(text in found[0] or found[0] in text for text in self.not_secret)


def kind_of(found: re.Match[str]) -> str:
    """`"an AWS key"`."""
    return list(SECRETS)[(found.lastindex or 1) - 1]


def credentials_in(headers: Iterable[tuple[str, str]]) -> set[str]:
    """The credentials in these headers of a request, and in the variables that the SDK reads."""
    named = [
        *headers,
        *((k, v) for k, v in os.environ.items() if k.startswith(("ANTHROPIC_", "AWS_"))),
    ]
    values = (value.rpartition(" ")[2] for name, value in named if is_credential(name))
    # what is shorter is a placeholder, and a word that any text may hold
    return {value for value in values if len(value) >= SHORTEST_CREDENTIAL}


SHORTEST_CREDENTIAL = 12


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield f"{place}.(a name)", name
            yield from _texts(part, f"{place}.{redact(name)}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, f"{place}[{index}]")


def secrets_in(path: Path) -> Iterator[str]:
    """Where something in the file looks like a secret; never the secret itself."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in _SECRET.finditer(text):
        kind = kind_of(match)
        line = text.count("\n", 0, match.start()) + 1
        fix = "Take it out, and revoke it where it was issued: git keeps old versions."
        yield f"{path}, line {line}: looks like {kind}. {fix}"
