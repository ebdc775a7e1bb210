"""An attendee without a browser: logs in at the hub, waits for the server, runs a notebook through
its web socket.
"""

import asyncio
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect


@dataclass
class Kernel:
    """One kernel of one attendee, as JupyterLab talks to it."""

    id: str
    socket: object

    async def run(self, code: str) -> tuple[str, str]:
        """The text that this code printed or returned, and its error as `Name: message`, empty if
        there was none.
        """
        asked = uuid.uuid4().hex
        header = {
            "msg_id": asked,
            "msg_type": "execute_request",
            "username": "",
            "session": asked,
            "version": "5.4",
        }
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }
        await self.socket.write_message(json.dumps(message))
        text, error, ends = "", "", set()
        while ends != {"execute_reply", "status"}:
            said = await self.socket.read_message()
            if said is None:
                return text, "ConnectionError: the kernel's socket was closed"
            said = json.loads(said)
            kind, what = said["msg_type"], said["content"]
            if said["parent_header"].get("msg_id") != asked:
                continue
            if kind == "stream":
                text += what["text"]
            elif kind == "execute_result":
                text += what["data"].get("text/plain", "")
            elif kind == "error":
                error = f"{what['ename']}: {what['evalue']}"
            elif kind == "execute_reply" or (
                kind == "status" and what["execution_state"] == "idle"
            ):
                ends.add(kind)
        return text, error


@dataclass
class Visitor:
    """One attendee's browser: its cookies, and what it asks of the hub and of the servers behind
    it.
    """

    address: str
    name: str
    password: str
    pin: str = "123456"
    seconds: dict = field(default_factory=dict)
    last: Kernel | None = None  # that of the notebook run last

    def __post_init__(self):
        self.web = httpx.AsyncClient(
            base_url=self.address, follow_redirects=True, timeout=300, trust_env=False
        )

    async def close(self) -> None:
        if self.last:
            self.last.socket.close()
        await self.web.aclose()

    async def log_in(self) -> str:
        """What the hub says against it, empty if the name is let in.

        The server is started, and not waited for.
        """
        self._began = time.monotonic()
        page = await self.web.get("/hub/login")
        form = {
            "username": self.name,
            "password": self.password,
            "pin": self.pin,
            "_xsrf": _hidden(page.text),
        }
        reply = await self.web.post("/hub/login", data=form, params={"next": "/hub/home"})
        said = re.search(r'class="login_error">(.*?)</p>', reply.text, re.S)
        return (
            said.group(1).strip()
            if said
            else ""
            if reply.status_code == 200
            else f"HTTP {reply.status_code}"
        )

    async def open(self) -> None:
        """Opens JupyterLab as a browser does, and returns when its page is there."""
        while True:
            # starts the server, or leads to the page that waits for it
            page = await self.web.get("/hub/spawn")
            if page.status_code == 200 and page.url.path.startswith(f"/user/{self.name}/lab"):
                break
            if page.status_code not in (200, 503) or "spawn-pending" not in page.url.path:
                raise RuntimeError(
                    f"{self.name}: HTTP {page.status_code} at {page.url}: {_words(page.text)}"
                )
            async with self.web.stream(
                "GET", f"/hub/api/users/{self.name}/server/progress"
            ) as progress:
                # what the waiting page does: it ends when the server is there
                await progress.aread()
        self.seconds["ready"] = time.monotonic() - self._began

    async def ask(self, method: str, path: str, owner: str = "", **options) -> httpx.Response:
        """The answer of the owner's server (by default one's own) to this request, sent with this
        one's cookies.
        """
        tokens = [
            c.value
            for c in self.web.cookies.jar
            if c.name == "_xsrf" and c.path == f"/user/{self.name}/"
        ]
        headers = {"X-XSRFToken": tokens[0] if tokens else ""}
        return await self.web.request(
            method, f"/user/{owner or self.name}/{path}", headers=headers, **options
        )

    async def kernel(self, notebook: str) -> Kernel:
        """A kernel for this notebook, through a session as JupyterLab makes it."""
        wanted = {
            "path": notebook,
            "name": notebook,
            "type": "notebook",
            "kernel": {"name": "python3"},
        }
        session = (await self.ask("POST", "api/sessions", json=wanted)).raise_for_status().json()
        return await self.connect(session["kernel"]["id"])

    async def connect(self, kernel: str, owner: str = "", protocols=None) -> Kernel:
        """This kernel of the owner (by default one's own), through its web socket, in one of these
        protocols.
        """
        channels = f"/user/{owner or self.name}/api/kernels/{kernel}/channels"
        path = f"{channels}?session_id={uuid.uuid4().hex}"
        cookies = [c for c in self.web.cookies.jar if path.startswith(c.path)]
        headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in cookies)}
        request = HTTPRequest(
            self.address.replace("http", "ws", 1) + path, headers=headers, request_timeout=300
        )
        socket = websocket_connect(request, max_message_size=2**27, subprotocols=protocols)
        return Kernel(kernel, await socket)

    async def run_notebook(self, path: str) -> list[str]:
        """The errors of this notebook's cells that are not there on purpose, each cell run in its
        turn to the end.
        """
        began = time.monotonic()
        notebook = (
            (await self.ask("GET", f"api/contents/{path}")).raise_for_status().json()["content"]
        )
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        kernel, errors = await self.kernel(path), []
        for number, cell in enumerate(cells, 1):
            _, error = await kernel.run("".join(cell["source"]))
            if error and "raises-exception" not in cell["metadata"].get("tags", []):
                errors.append(f"{self.name}, {path}, code cell {number}: {error}")
        self.last, self.seconds["notebook"] = kernel, time.monotonic() - began
        return errors


async def at_once(visitors: list[Visitor], do) -> list:
    """What `do(visitor)` gave for each of them, all of them at the same time."""
    return await asyncio.gather(*(do(visitor) for visitor in visitors))


def _hidden(page: str) -> str:
    return unquote(re.search(r'name="_xsrf" value="(.*?)"', page).group(1))


def _words(page: str) -> str:
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S).split())[:300]
