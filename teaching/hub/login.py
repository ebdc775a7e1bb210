"""Who may come in: the room's password, a name that you choose, and a PIN that keeps the name
yours.
"""

import hashlib
import os
import re
import time
from pathlib import Path
from secrets import compare_digest, token_bytes

from jupyterhub.auth import Authenticator
from tornado.web import HTTPError
from traitlets import Unicode

NAME = re.compile(r"[a-z][a-z0-9_-]{1,19}", re.ASCII)  # it becomes a folder and a part of addresses
PIN_LENGTH = 6
TRIES_A_MINUTE = {"room": 30, "pin": 5}  # 30 people who type at once may sit behind one address


def hashed(secret: str, salt: bytes = b"") -> str:
    """What is kept of a password or a PIN: its scrypt hash with its salt, in hex.

    Without a salt, a new one.
    """
    salt = salt or token_bytes(16)
    return (salt + hashlib.scrypt(secret.encode("utf-8"), salt=salt, n=2**14, r=8, p=1)).hex()


def fits(secret: str, kept: str) -> bool:
    """Whether this secret is the one that was hashed."""
    return compare_digest(hashed(secret, bytes.fromhex(kept)[:16]), kept)


class Tries:
    """Counts wrong tries per minute, so that passwords and PINs cannot be found by trying."""

    def __init__(self, now=time.monotonic):
        self._now, self._wrong = now, {}

    def allowed(self, kind: str, who: tuple) -> bool:
        """Whether there is a try left for this one in this minute."""
        recent = [then for then in self._wrong.get((kind, who), []) if self._now() - then < 60]
        self._wrong[kind, who] = recent
        return len(recent) < TRIES_A_MINUTE[kind]

    def wrong(self, kind: str, who: tuple) -> None:
        self._wrong.setdefault((kind, who), []).append(self._now())


class RoomAuthenticator(Authenticator):
    """Lets in who knows the room's password; a name belongs to the first who took it, by the PIN
    chosen then.

    JupyterHub's own shared-password authenticator lets everybody in under every name;
    jupyterhub-nativeauthenticator wants a sign-up first; jupyterhub-firstuseauthenticator 1.1.1 has
    no room password, and its login page fails under JupyterHub 6.1 when it should show an error.
    """

    room = Unicode(help="the hash of the room's password").tag(config=True)
    pins = Unicode(help="the folder with one file per name: the hash of its PIN").tag(config=True)

    def __init__(self, **settings):
        super().__init__(**settings)
        self._tries = Tries()

    def normalize_username(self, username):
        return username.strip().lower()

    def validate_username(self, username):
        return NAME.fullmatch(username) is not None

    async def authenticate(self, handler, data):
        name, pin = self.normalize_username(data.get("username", "")), data.get("pin", "")
        address = handler.request.remote_ip
        self._check(
            "room",
            (address,),
            lambda: fits(data.get("password", ""), self.room),
            "This is not the password.",
        )
        if not self.validate_username(name):
            raise HTTPError(
                403, "A name has 2 to 20 letters a-z, digits, - or _, and begins with a letter."
            )
        file = Path(self.pins) / name
        if not file.exists() and len(pin) < PIN_LENGTH:
            raise HTTPError(
                403, f"Choose a PIN of {PIN_LENGTH} or more characters: it keeps this name yours."
            )
        taken = (
            f"The name {name} is taken, and this is not its PIN. Is it not you? Then choose another"
            " name."
        )
        self._check("pin", (address, name), lambda: fits(pin, self._kept(file, pin)), taken)
        return name

    async def refresh_user(self, user, handler=None, **_):
        """True, before each start of a server; where the room is full, the attendee is told so, and
        the teacher in the terminal.

        JupyterHub would only tell the attendee, in words for administrators.
        """
        path = handler.request.path if handler else ""
        starts = re.search(r"/hub/(spawn(/|$)|api/users/[^/]+/server$)", path)
        most = handler.active_server_limit if handler else 0
        if starts and most and not user.active:
            if handler.users.count_active_users()["active"] >= most:
                print(f"{user.name} could not come in: the room is full ({most}).", flush=True)
                raise HTTPError(429, "The room is full.")
        return True

    def _check(self, kind, who, right, message):
        if not self._tries.allowed(kind, who):
            raise HTTPError(403, "Too many wrong tries. Wait a minute, then try again.")
        if not right():
            self._tries.wrong(kind, who)
            raise HTTPError(403, message)

    @staticmethod
    def _kept(file: Path, pin: str) -> str:
        """The hash kept for this name; the first who comes with the name writes it."""
        if not file.exists():
            part = file.with_name(f".{file.name}.{os.getpid()}")
            part.write_text(hashed(pin), encoding="ascii")
            part.replace(file)  # whole or not at all
        return file.read_text(encoding="ascii")
