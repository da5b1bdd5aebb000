"""Sessions without a table: a signed cookie that says who, by which door, and since when. Short,
and renewed while it is used.

What ends a session early is in the audit log (:class:`~migrator.web.ended_sessions.EndedSessions`).

Signing keys can be changed without logging anybody out: the first key signs, all of them are
accepted (https://itsdangerous.palletsprojects.com/en/stable/concepts/#key-rotation).
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
from itsdangerous import BadSignature, URLSafeTimedSerializer

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

IDLE: Final = 3600
"""Seconds after which an unused session is over."""
LONGEST: Final = 12 * 3600
"""Seconds after which every session is over, used or not."""
RENEW: Final = 600
"""Age in seconds of a cookie at which a new one is given."""
_SALT: Final = "migrator session 2"


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
        self._signer = _Serializer(list(reversed(self._keys)), salt=_SALT, now=now)
        self._sealer = _Serializer(list(reversed(self._keys)), salt="migrator sealed 2", now=now)

    @cached_property
    def _cipher(self) -> MultiFernet:
        from cryptography.fernet import MultiFernet  # 7 MB, for those who sign in through GitHub

        return MultiFernet([_cipher(key) for key in self._keys])

    def new(self, login: str, door: str, account: int = 0, token: str = "") -> Session:
        """A session that begins now, under an id that nobody has seen before. ``token`` is the
        person's GitHub token in the clear."""
        return Session(
            id=secrets.token_urlsafe(18),
            login=login,
            door=door,
            began=self._now(),
            account=account,
            token=self._cipher.encrypt(token.encode()).decode() if token else "",
        )

    def token_of(self, session: Session) -> str:
        """The person's GitHub token; empty if there is none, or none that a present key opens."""
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher.decrypt(session.token).decode() if session.token else ""
        except InvalidToken:
            return ""

    def cookie(self, session: Session) -> str:
        """The cookie's value, good for an hour."""
        return str(self._signer.dumps(msgspec.to_builtins(session)))

    def read(self, cookie: str) -> tuple[Session, bool] | None:
        """The session, and whether its cookie should be renewed; ``None`` if it is forged, idle
        for too long, or over."""
        try:
            body, signed_at = self._signer.loads(cookie, max_age=IDLE, return_timestamp=True)
            session = msgspec.convert(body, Session)
        except (BadSignature, msgspec.ValidationError):
            return None
        if not 0 <= self._now() - session.began < LONGEST:
            return None
        return session, self._now() - signed_at.timestamp() > RENEW

    def sealed(self, content: object) -> str:
        """Something to give to a browser and get back unchanged."""
        return str(self._sealer.dumps(content))

    def unsealed(self, value: str, longest: int) -> Any:
        """What was sealed at most ``longest`` seconds ago. Raises ``BadSignature``."""
        return self._sealer.loads(value, max_age=longest)

    def form_token(self, session: Session) -> str:
        """What every form of this session carries, and no other site can know."""
        return _token(self._keys[0], session)

    def is_form_token(self, session: Session, given: str) -> bool:
        """Whether a form came from a page of this session."""
        return any(
            hmac.compare_digest(_token(key, session).encode(), given.encode()) for key in self._keys
        )


def _token(key: str, session: Session) -> str:
    return hmac.new(key.encode(), f"form {session.id}".encode(), sha256).hexdigest()


def _cipher(key: str) -> Fernet:
    """AES-128 with an HMAC, under a key of its own.

    https://cryptography.io/en/latest/fernet/
    """
    from cryptography.fernet import Fernet

    derived = hmac.new(key.encode(), b"migrator user token 1", sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


class _Serializer(URLSafeTimedSerializer):
    """The library's, with a clock that a test can set."""

    def __init__(self, keys: list[str], *, salt: str, now: Callable[[], float]) -> None:
        super().__init__(
            keys, salt=salt, signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
        )
        self._seconds = now

    def make_signer(self, salt: str | bytes | None = None) -> Any:
        """The signer, on our clock."""
        signer: Any = super().make_signer(salt)
        signer.get_timestamp = lambda: int(self._seconds())
        return signer
