"""Turns a cassette of vcrpy or Ruby's VCR into a recording of what the Messages API answered."""

from __future__ import annotations

import base64
import email.utils
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import yaml

from .recordings import Exchange, Recording, RecordingError, Reply, kept_headers
from .transports.replay import request_of

Part = dict[str, Any]


class _LeftOut(ValueError):
    """Why an interaction isn't part of the recording."""


def read_cassette(path: Path, name: str) -> tuple[Recording, list[str]]:
    """The recording of that name, and what it leaves out of the cassette, a line for each reason.

    A cassette keeps no times, so every reply takes 0 seconds. Raises RecordingError if the file
    isn't a cassette.
    """
    exchanges: list[Exchange] = []
    left_out: Counter[str] = Counter()
    hosts: list[str] = []
    sdks: list[str] = []
    days: list[str] = []
    for interaction in _interactions(path):
        what = ""
        try:
            asked, answered = interaction["request"], interaction["response"]
            headers, reply_headers = _headers(asked), _headers(answered)
            uri = httpx2.URL(str(asked.get("uri") or asked.get("url")))
            what = f"{str(asked['method']).upper()} {uri.copy_with(query=None)}"
            request = httpx2.Request(
                what.partition(" ")[0], uri, headers=_typed(headers), content=_content(asked)
            )
            exchanges.append(_exchange(request, headers, reply_headers, answered))
        except _LeftOut as reason:
            left_out[f"{what}: {reason}"] += 1
            continue
        except (KeyError, TypeError, AttributeError, ValueError, httpx2.InvalidURL) as error:
            left_out[f"an interaction is incomplete ({type(error).__name__}: {error})"] += 1
            continue
        hosts.append(uri.host)
        sdks += re.findall(r"Anthropic/Python (\S+)", headers.get("user-agent", ""))
        days += _days(reply_headers.get("date", ""), str(interaction.get("recorded_at", "")))
    recording = Recording(
        name,
        source=", ".join(sorted(set(hosts))),
        recorded=min(days, default="unknown"),
        sdk=f"anthropic {sdks[0]}" if sdks else "unknown",
        exchanges=exchanges,
    )
    return recording, [f"{count} × {reason}" for reason, count in left_out.items()]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Also reads the tags of cassettes written by Python 2; it makes no objects."""


for _tag in ("unicode", "str"):
    _Loader.add_constructor(f"tag:yaml.org,2002:python/{_tag}", _Loader.construct_yaml_str)


def _interactions(path: Path) -> list[Any]:
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        data = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)
    except FileNotFoundError:
        raise RecordingError(f"There is no {path}.") from None
    except (yaml.YAMLError, ValueError) as error:
        raise RecordingError(f"{path}: not readable ({str(error).splitlines()[0]}).") from None
    if isinstance(data, dict):  # vcrpy; Ruby's VCR
        data = data.get("interactions", data.get("http_interactions"))
    if not isinstance(data, list):
        raise RecordingError(f"{path}: not a cassette (no 'interactions').")
    return data


def _headers(part: Part) -> dict[str, str]:
    """The headers of a request or response; each may have several values."""
    return {
        str(name).lower(): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in (part.get("headers") or {}).items()
    }


def _typed(headers: dict[str, str]) -> dict[str, str]:
    kind = headers.get("content-type")
    return {"content-type": kind} if kind else {}


def _content(part: Part) -> bytes:
    """The body as vcrpy and others write it: text, bytes, `{"string": …}`, `{"base64_string": …}`,
    `{"type": "json", "content": …}`; a `content` beside it, as vcrpy did for httpx until 2023; or
    the `parsed_body` of some projects' own serializers.
    """
    if "parsed_body" in part:
        return json.dumps(part["parsed_body"], default=str).encode()
    body = part.get("body", part.get("content"))
    if isinstance(body, dict):
        encoded = body.get("base64_string")
        if encoded is None and body.get("type") in ("base64", "bytes", "binary"):
            encoded = body.get("content")
        if encoded is not None:
            return base64.b64decode(encoded)
        body = body.get("string", body.get("content") if "type" in body else body)
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body, default=str)).encode()


def _exchange(
    request: httpx2.Request, headers: dict[str, str], reply_headers: dict[str, str], answered: Part
) -> Exchange:
    plain = request_of(request)
    path, _, query = str(plain["path"]).partition("?")
    of_the_api = path.startswith("/v1/messages") or (
        path.startswith("/v1/")
        and ("anthropic-version" in headers or request.url.host.endswith("anthropic.com"))
    )
    if not of_the_api or path.startswith("/v1/oauth"):
        raise _LeftOut("not the Messages API")
    # today's SDK says so with a header alone
    query = "&".join(part for part in query.split("&") if part != "beta=true")
    plain["path"] = path + ("?" + query if query else "")
    reply = _reply(reply_headers, answered)
    if reply.status in (401, 403):
        raise _LeftOut(f"its key was refused ({reply.status})")
    return Exchange("", plain, reply)


def _reply(headers: dict[str, str], answered: Part) -> Reply:
    status = answered.get("status_code", answered.get("status"))
    code = status.get("code") if isinstance(status, dict) else status
    if type(code) is not int:
        raise _LeftOut(f"its status is no number ({code!r})")
    try:
        text = _decompressed(_content(answered), headers).decode()
    except UnicodeDecodeError:
        raise _LeftOut("its reply is no text") from None
    reply = Reply(code, 0.0, kept_headers(headers))
    if headers.get("content-type", "").startswith("text/event-stream"):
        reply.events = [{"at": 0.0, "data": text}]
        return reply
    try:
        reply.body = json.loads(text)
    except ValueError:
        reply.text = text
    return reply


def _decompressed(content: bytes, headers: dict[str, str]) -> bytes:
    """The body, decompressed; vcrpy may have decompressed it already and kept the header."""
    encoding = headers.get("content-encoding", "identity")
    if encoding == "identity" or content.lstrip()[:1] in (b"", b"{", b"[", b"e", b":", b"<"):
        return content
    try:
        whole = httpx2.Response(200, headers={"content-encoding": encoding}, content=content)
        decoded: bytes = whole.content
    except httpx2.DecodingError as error:
        raise _LeftOut(f"its reply cannot be decompressed ({error})") from None
    if decoded == content:
        raise _LeftOut(f"its reply is compressed with {encoding}{DECODERS.get(encoding, '')}")
    return decoded


DECODERS = {"br": ": pip install brotli", "zstd": ": pip install zstandard"}


def _days(date: str, recorded_at: str) -> Iterator[str]:
    """The day of a reply, from its header or from the cassette."""
    try:
        yield email.utils.parsedate_to_datetime(date).date().isoformat()
    except ValueError:
        if re.match(r"\d{4}-\d\d-\d\d", recorded_at):
            yield recorded_at[:10]
