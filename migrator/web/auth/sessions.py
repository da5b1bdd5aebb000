"""Sessions without a table: an encrypted cookie that says who, by which door, and since when. It is
short-lived, and renewed while it is used.

What ends a session early is in the audit log (:class:`~migrator.web.ended_sessions.EndedSessions`).

Keys can be changed without logging anybody out: the first one encrypts, all of them are accepted
(https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet).
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

IDLE: Final = 3600
"""Seconds after which an unused session is over."""
LONGEST: Final = 12 * 3600
"""Seconds after which every session is over, used or not."""
RENEW: Final = 600
"""Age in seconds of a cookie at which a new one is given."""
TOKEN_BYTES: Final = 32


class NotSealed(ValueError):
    """A cookie is not one of ours, or too old."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One person's session. ``door`` is ``github`` or ``link``, ``began`` seconds since 1970 (UTC).

    ``account`` is the number of the GitHub account, which stays when its login changes; 0 for a
    session by link. ``token`` is the person's GitHub token, encrypted: only this service can read
    it (:meth:`Sessions.token_of`), and keeps no copy.
    """

    id: str
    login: str
    door: str
    began: float
    account: int = 0
    token: str = ""

    @property
    def mark(self) -> str:
        """What names the session in the audit log: a digest, with which nobody could go on with
        it."""
        return sha256(self.id.encode()).hexdigest()[:32]


class Sessions:
    """Makes and reads cookies. ``keys``: the newest first; without any, sessions end with the
    process."""

    def __init__(self, keys: Sequence[str] = (), *, now: Callable[[], float] = time.time) -> None:
        self._keys = tuple(keys) or (secrets.token_hex(32),)
        self._now = now

    @cached_property
    def _tokens(self) -> MultiFernet:
        return _cipher(self._keys, "user token 1")

    @cached_property
    def _cookies(self) -> MultiFernet:
        return _cipher(self._keys, "session 3")

    @cached_property
    def _parcels(self) -> MultiFernet:
        return _cipher(self._keys, "sealed 3")

    def new(self, login: str, door: str, account: int = 0, token: str = "") -> Session:
        """A session that begins now, under an id that nobody has seen before. ``token`` is the
        person's GitHub token in the clear."""
        return Session(
            id=secrets.token_urlsafe(18),
            login=login,
            door=door,
            began=self._now(),
            account=account,
            token=self._tokens.encrypt(token.encode()).decode() if token else "",
        )

    def token_of(self, session: Session) -> str:
        """The person's GitHub token; empty if there is none, or none that a present key opens."""
        from cryptography.fernet import InvalidToken

        try:
            return self._tokens.decrypt(session.token).decode() if session.token else ""
        except InvalidToken:
            return ""

    def cookie(self, session: Session) -> str:
        """The cookie's value, good for an hour."""
        return self._seal(self._cookies, session)

    def read(self, cookie: str) -> tuple[Session, bool] | None:
        """The session, and whether its cookie should be renewed; ``None`` if it is forged, idle
        for too long, or over."""
        try:
            session = msgspec.json.decode(self._open(self._cookies, cookie, IDLE), type=Session)
        except (NotSealed, msgspec.ValidationError):
            return None
        if not 0 <= self._now() - session.began < LONGEST:
            return None
        return session, self._now() - self._cookies.extract_timestamp(cookie) > RENEW

    def sealed(self, content: object) -> str:
        """Something to give to a browser and get back unchanged."""
        return self._seal(self._parcels, content)

    def unsealed(self, value: str, longest: int) -> Any:
        """What was sealed at most ``longest`` seconds ago. Raises :class:`NotSealed`."""
        return msgspec.json.decode(self._open(self._parcels, value, longest))

    def _seal(self, cipher: MultiFernet, content: object) -> str:
        return cipher.encrypt_at_time(msgspec.json.encode(content), int(self._now())).decode()

    def _open(self, cipher: MultiFernet, value: str, longest: int) -> bytes:
        from cryptography.fernet import InvalidToken

        try:
            return cipher.decrypt_at_time(value.encode(), longest, int(self._now()))
        except InvalidToken as error:
            raise NotSealed from error

    def form_token(self, session: Session) -> str:
        """What every form of this session carries, and no other site can know. It is another one
        each time: answers are compressed, and their lengths must not give it away
        (https://www.breachattack.com/)."""
        mask = secrets.token_bytes(TOKEN_BYTES)
        return (mask + _xor(mask, _token(self._keys[0], session))).hex()

    def is_form_token(self, session: Session, given: str) -> bool:
        """Whether a form came from a page of this session."""
        try:
            mask, masked = (found := bytes.fromhex(given))[:TOKEN_BYTES], found[TOKEN_BYTES:]
        except ValueError:
            return False
        if len(masked) != TOKEN_BYTES:
            return False
        token = _xor(mask, masked)
        return any(hmac.compare_digest(_token(key, session), token) for key in self._keys)


def _token(key: str, session: Session) -> bytes:
    return hmac.new(key.encode(), f"form {session.id}".encode(), sha256).digest()


def _xor(mask: bytes, value: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, value, strict=True))


def _cipher(keys: Sequence[str], purpose: str) -> MultiFernet:
    """AES-128 with an HMAC and a date, under keys of its own for each purpose.

    https://cryptography.io/en/latest/fernet/
    """
    from cryptography.fernet import Fernet, MultiFernet  # 7 MB, for those who sign in

    def one(key: str) -> Fernet:
        derived = hmac.new(key.encode(), f"migrator {purpose}".encode(), sha256).digest()
        return Fernet(base64.urlsafe_b64encode(derived))

    return MultiFernet([one(key) for key in keys])
