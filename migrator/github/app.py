"""A GitHub App: who it is, where it is installed, its tokens, and the webhook deliveries that
GitHub remembers.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from migrator.domain.items import Frozen
from migrator.errors import AuthenticationError, NotFound
from migrator.github.parsing.events import time as parse_time
from migrator.github.pygithub import SECONDS_BETWEEN_WRITES, Calls, github, settings

if TYPE_CHECKING:  # importing PyGithub takes a quarter of a second, and most commands do without
    from github.Requester import Requester

RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is replaced: longer than any request takes."""
TOKEN_LIFE = 3600.0
"""Installation tokens end after one hour."""


class AppFacts(Frozen, frozen=True, kw_only=True):
    """The App itself. ``permissions`` maps a name (``issues``) to ``read`` or ``write``."""

    id: int
    slug: str
    name: str = ""
    permissions: Mapping[str, str] = {}
    events: tuple[str, ...] = ()


class Installation(Frozen, frozen=True, kw_only=True):
    """One installation: one per owner. ``repositories`` is ``all`` or ``selected``."""

    id: int
    account: str
    permissions: Mapping[str, str] = {}
    repositories: str = ""
    suspended: bool = False


class HookDelivery(Frozen, frozen=True, kw_only=True):
    """One try to deliver a webhook. ``guid`` is ``X-GitHub-Delivery`` and stays the same when it
    is delivered again."""

    id: int
    guid: str
    event: str
    action: str = ""
    delivered_at: datetime
    status_code: int = 0
    redelivery: bool = False
    installation_id: int | None = None
    repository_id: int | None = None

    @property
    def arrived(self) -> bool:
        """Whether our side answered with success."""
        return 200 <= self.status_code < 300


class AppSecrets(Frozen, frozen=True, kw_only=True):
    """What the manifest flow hands over once. Never printed: ``repr`` shows the App only."""

    id: int
    slug: str
    private_key: str
    webhook_secret: str
    client_id: str = ""
    client_secret: str = ""
    url: str = ""

    def __repr__(self) -> str:
        return f"AppSecrets(id={self.id}, slug={self.slug!r})"


class GitHubApp:
    """Acts as the App itself, with tokens that it signs (RS256) and that live for minutes."""

    def __init__(
        self,
        base_url: str,
        app_id: int,
        private_key: str,
        *,
        count: Callable[[int], None] | None = None,
        seconds_between_writes: float = SECONDS_BETWEEN_WRITES,
    ) -> None:
        options = settings(base_url, seconds_between_writes)
        from github import Auth, GithubIntegration

        self._integration = GithubIntegration(
            auth=Auth.AppAuth(app_id, sign_func=_signing(private_key)), **options
        )
        self.calls = Calls(count)

    @property
    def _requester(self) -> Requester:
        return self._integration.requester

    async def facts(self) -> AppFacts:
        """The App as GitHub knows it. Raises :class:`~migrator.errors.AuthenticationError` for a
        wrong key or id."""
        body = (await self.calls.get(self._requester, "/app")).content
        return AppFacts(
            id=body["id"],
            slug=body["slug"],
            name=body["name"],
            permissions=body.get("permissions") or {},
            events=tuple(body.get("events") or ()),
        )

    async def installations(self) -> tuple[Installation, ...]:
        """Every installation, 100 a request."""
        entries = self.calls.get_all(self._requester, "/app/installations")
        return tuple([_installation(entry) async for entry in entries])

    async def installation_of(self, repository: str) -> Installation | None:
        """The installation that covers ``owner/name``, ``None`` if the App is not installed
        there."""
        try:
            body = (
                await self.calls.get(self._requester, f"/repos/{repository}/installation")
            ).content
        except NotFound:
            return None
        return _installation(body)

    def tokens(self, installation_id: int) -> InstallationTokens:
        """Tokens that act as this installation, renewed before they end."""
        return InstallationTokens(self, installation_id)

    def new_token(self, installation_id: int) -> tuple[str, datetime]:
        """A fresh installation token and its end; blocks. Raises ``AuthenticationError`` if the
        App was uninstalled."""
        path = f"/app/installations/{installation_id}/access_tokens"
        try:
            found = self.calls.run_here(
                f"POST {path}", lambda: self._integration.get_access_token(installation_id)
            )
        except NotFound as error:
            cure = "install the App again for this owner"
            raise AuthenticationError(
                f"the App has no installation {installation_id} (any more)", cure=cure
            ) from error
        return found.token, found.expires_at

    async def deliveries(self, *, since: datetime, pages: int = 100) -> tuple[HookDelivery, ...]:
        """Webhook deliveries tried at ``since`` or later, newest first; GitHub keeps 3 days.

        https://docs.github.com/rest/apps/webhooks#list-deliveries-for-an-app-webhook
        """
        found: list[HookDelivery] = []
        query: dict[str, Any] = {"per_page": 100}
        for _ in range(pages):
            reply = await self.calls.get(self._requester, "/app/hook/deliveries", query)
            page = [_delivery(entry) for entry in reply.content]
            found += [entry for entry in page if entry.delivered_at >= since]
            cursor = _next_cursor(reply.headers.get("link", ""))
            if not cursor or len(page) == 0 or page[-1].delivered_at < since:
                break
            query["cursor"] = cursor
        return tuple(found)

    async def redeliver(self, delivery_id: int) -> None:
        """Have GitHub deliver once more, under the same ``X-GitHub-Delivery``.

        https://docs.github.com/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook
        """
        path = f"/app/hook/deliveries/{delivery_id}/attempts"
        await self.calls.run(
            f"POST {path}", lambda: self._requester.requestJsonAndCheck("POST", path), writes=True
        )


def _signing(private_key: str) -> Callable[[dict[str, Any]], str]:
    """Signs with a key that is read once, when it is first needed: PyGithub reads it anew for each
    request, and the checks of an RSA key's primes take a tenth of a second.
    """

    import jwt
    from jwt.algorithms import RSAAlgorithm

    @cache
    def key() -> Any:
        return RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(private_key)

    return lambda payload: jwt.encode(payload, key(), algorithm="RS256")


class InstallationTokens:
    """Tokens of one installation, shared by any number of event loops and threads."""

    renews = True

    def __init__(
        self, app: GitHubApp, installation_id: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self.installation_id = installation_id
        self._clock = clock
        self._value = ""
        self._until = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"InstallationTokens(installation_id={self.installation_id})"

    async def token(self) -> str:
        """A token good for five minutes at least."""
        return (
            self._value if self._clock() < self._until else await asyncio.to_thread(self._renewed)
        )

    def forget(self, token: str) -> None:
        """Do not give ``token`` out again; a newer one is kept."""
        with self._lock:
            if token == self._value:
                self._until = 0.0

    def _renewed(self) -> str:
        with self._lock:
            if self._clock() >= self._until:
                asked = self._clock()
                self._value, end = self._app.new_token(self.installation_id)
                self._until = asked + _life(end) - RENEW_BEFORE
            return self._value


def _life(end: datetime) -> float:
    """Seconds that a fresh token lives: the documented hour, if its end makes no sense by our
    clock (clocks differ)."""
    left = end.timestamp() - time.time()
    return left if RENEW_BEFORE < left <= TOKEN_LIFE + 60 else TOKEN_LIFE


async def secrets_from_manifest(base_url: str, code: str) -> AppSecrets:
    """Trade the code of GitHub's manifest flow for the new App's secrets; works once, within an
    hour.

    https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    """
    path = f"/app-manifests/{code}/conversions"
    requester = github(base_url, None).requester
    _, body = await Calls().run(
        "POST /app-manifests", lambda: requester.requestJsonAndCheck("POST", path), writes=True
    )
    return AppSecrets(
        id=body["id"],
        slug=body["slug"],
        private_key=body["pem"],
        webhook_secret=body["webhook_secret"] or "",
        client_id=body["client_id"],
        client_secret=body["client_secret"],
        url=body["html_url"],
    )


def _installation(body: Mapping[str, Any]) -> Installation:
    return Installation(
        id=body["id"],
        account=(body["account"] or {}).get("login", ""),
        permissions=body.get("permissions") or {},
        repositories=body.get("repository_selection") or "",
        suspended=body.get("suspended_at") is not None,
    )


def _delivery(body: Mapping[str, Any]) -> HookDelivery:
    return HookDelivery(
        id=body["id"],
        guid=body["guid"],
        event=body["event"],
        action=body["action"] or "",
        delivered_at=parse_time(body["delivered_at"]),
        status_code=body["status_code"],
        redelivery=body["redelivery"],
        installation_id=body["installation_id"],
        repository_id=body["repository_id"],
    )


def _next_cursor(link: str) -> str:
    """``cursor`` of the address that a ``Link`` header calls ``next``; empty on the last page."""
    following = (
        part.split(";")[0].strip(" <>") for part in link.split(",") if 'rel="next"' in part
    )
    return next((parse_qs(urlsplit(url).query).get("cursor", [""])[0] for url in following), "")
