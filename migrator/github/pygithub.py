"""PyGithub, used our way: in threads, one at a time, never retried, its errors translated to ours.

PyGithub retries POST on 5xx by default and would write twice (``retry=None`` turns it off for
everything). Between reads it need not wait (there are few); between writes it keeps the second that
GitHub asks for.
https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from migrator import __version__
from migrator.domain.items import Frozen
from migrator.errors import GitHubError
from migrator.github import errors
from migrator.github.http_messages import Counted, HttpReply, HttpRequest

if TYPE_CHECKING:  # importing PyGithub takes a quarter of a second, and most commands do without
    import requests
    from github import Auth, Github, GithubException
    from github.Requester import Requester
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing PyGithub takes a quarter of a second, and most commands do without
    from github.Requester import Requester

TIMEOUT = 15
SECONDS_BETWEEN_READS = 0.0
SECONDS_BETWEEN_WRITES = 1.0
_Answer = TypeVar("_Answer")


def settings(base_url: str, seconds_between_writes: float) -> dict[str, Any]:
    """Arguments that every PyGithub object of ours is made with.

    requests, on which PyGithub is built, does not read ``SSL_CERT_FILE`` as httpx does. ``True``
    lets it read ``REQUESTS_CA_BUNDLE``.
    """
    return {
        "base_url": base_url.rstrip("/"),
        "timeout": TIMEOUT,
        "retry": None,
        "seconds_between_requests": SECONDS_BETWEEN_READS,
        "seconds_between_writes": seconds_between_writes,
        "user_agent": f"migrator/{__version__}",
        "per_page": 100,
        "verify": os.environ.get("SSL_CERT_FILE") or True,
    }


def github(
    base_url: str, auth: Auth.Auth | None, *, seconds_between_writes: float = SECONDS_BETWEEN_WRITES
) -> Github:
    """A PyGithub client. ``lazy``: naming a repository costs no request."""
    from github import Github

    return Github(auth=auth, lazy=True, **settings(base_url, seconds_between_writes))


class Body(Frozen, frozen=True, kw_only=True):
    """A decoded reply. Header names are in lower case."""

    headers: Mapping[str, Any]
    content: Any


class Calls:
    """Runs PyGithub calls off the event loop, one at a time: its connections are not made for
    sharing."""

    def __init__(self, count: Callable[[int], None] | None = None) -> None:
        self._count = count
        self._lock = threading.Lock()

    async def run(self, name: str, call: Callable[[], _Answer], *, writes: bool = False) -> _Answer:
        """Result of ``call``; raises the typed errors of :mod:`migrator.errors`. Counts one
        request."""
        return await asyncio.to_thread(self.run_here, name, call, writes=writes)

    async def get(
        self, requester: Requester, path: str, parameters: Mapping[str, Any] | None = None
    ) -> Body:
        """A GET that PyGithub has no method for."""

        def call() -> Body:
            headers, body = requester.requestJsonAndCheck(
                "GET", path, parameters=dict(parameters or {})
            )
            return Body(headers=headers, content=body)

        return await self.run(f"GET {path}", call)

    async def get_all(
        self, requester: Requester, path: str, key: str = ""
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Every entry of a numbered list, 100 a request; ``key`` names the list where the body
        is an object."""
        for page in itertools.count(1):
            body = (await self.get(requester, path, {"per_page": 100, "page": page})).content
            entries = body[key] if key else body
            for entry in entries:
                yield entry
            if len(entries) < 100:
                return

    def run_here(self, name: str, call: Callable[[], _Answer], *, writes: bool = False) -> _Answer:
        """The same in the calling thread."""
        import requests
        from github import GithubException

        request = HttpRequest(
            method="POST" if writes else "GET",
            url=name,
            counted=Counted.REST,
            writes=writes,
            name=name,
        )
        if self._count is not None:
            self._count(1)
        try:
            with self._lock:
                return call()
        except GithubException as error:
            raise _typed(request, error) from error
        except requests.ConnectTimeout as error:
            raise errors.lost(request, type(error).__name__, sent=False) from error
        except requests.RequestException as error:
            raise errors.lost(request, type(error).__name__, sent=not _never_left(error)) from error


def _never_left(error: requests.RequestException) -> bool:
    """urllib3 names a connection that was never made ``NewConnectionError``, inside requests'
    ``ConnectionError``."""
    return "NewConnectionError" in repr(error)


def _typed(request: HttpRequest, error: GithubException) -> GitHubError:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    reply = HttpReply(status=error.status, headers=headers, content=msgspec.json.encode(error.data))
    found = errors.error_of(request, reply, now=time.time())
    return found or errors.unreadable(request, error.status)
