"""Which client speaks for which repository: with a token one for all, with an App one for each
owner.

An App is installed once for each owner, and every installation has tokens and limits of its own.
https://docs.github.com/apps/using-github-apps/installing-a-github-app-from-a-third-party
https://docs.github.com/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial

from migrator.errors import AuthenticationError, ConfigError
from migrator.github.app import GitHubApp, InstallationTokens
from migrator.github.client import GitHubClient
from migrator.github.models import Requests
from migrator.github.tokens import StaticToken, Tokens
from migrator.github.transport import Observation, RetryPolicy

Watcher = Callable[[str, Observation], None]
"""Told the account and one try of a request."""


class ClientPool:
    """Opens clients of one GitHub, the same one each time, so that requests are counted in one
    place (:attr:`requests`).

    An App comes with its id and private key; where there is one, it acts, and ``token`` is not
    used. With the id alone nothing can be asked, but :meth:`account` names the same accounts as
    where the key is.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str = "",
        app_id: int = 0,
        private_key: str = "",
        retry_policy: RetryPolicy | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base_url = base_url
        self._token = token
        self._retry_policy = retry_policy
        self._now = now
        self._clients: dict[str, GitHubClient] = {}
        self._asked_as_app = 0
        self._watchers: list[Watcher] = []
        self._lock = threading.Lock()
        self.app = (
            GitHubApp(base_url, app_id, private_key, count=self._count) if private_key else None
        )
        self._app_id = app_id

    def __repr__(self) -> str:
        return f"Clients({self._base_url!r}, app_id={self._app_id})"

    def of(self, repository: str) -> GitHubClient:
        """The client for ``owner/name``; asks nothing yet. Raises ``ConfigError`` if there is no
        way to sign in."""
        account = self.account(repository)
        with self._lock:
            if account not in self._clients:
                tokens = self._tokens(repository)
                self._clients[account] = GitHubClient(
                    self._base_url,
                    tokens,
                    retry_policy=self._retry_policy,
                    now=self._now,
                    on_response=partial(self._tell, account),
                )
            return self._clients[account]

    def as_user(self, token: str) -> GitHubClient:
        """A client of its own with the token of somebody who signed in: what they may see, with
        limits of theirs. It is not kept, counted or watched."""
        return GitHubClient(
            self._base_url, StaticToken(token), retry_policy=self._retry_policy, now=self._now
        )

    async def is_sandbox(self) -> bool:
        """Whether the address is a sandbox; asked without credentials."""
        async with self.as_user("") as anonymous:
            return await anonymous.is_sandbox()

    def watch(self, watcher: Watcher) -> None:
        """Have every try of every client told to ``watcher``; it must be quick and not raise.

        Not told: what the App asks for its own sake (its tokens and deliveries).
        """
        self._watchers.append(watcher)

    def _tell(self, account: str, seen: Observation) -> None:
        for watcher in self._watchers:
            watcher(account, seen)

    def account(self, repository: str) -> str:
        """Names whose limits a request for ``owner/name`` spends: the token's owner, or the
        App's installation there."""
        if not self._app_id:
            return f"token at {self._base_url}"
        return f"app {self._app_id} on {_owner(repository)} at {self._base_url}"

    def by_account(self, repositories: Iterable[str]) -> dict[str, list[str]]:
        """Repositories that share one account, in the order given: what one request can ask
        about."""
        groups: dict[str, list[str]] = {}
        for repository in dict.fromkeys(repositories):
            groups.setdefault(self.account(repository), []).append(repository)
        return groups

    @property
    def requests(self) -> Requests:
        """How many requests were sent so far, by all clients, and by the App for its own sake."""
        with self._lock:
            clients, asked = list(self._clients.values()), self._asked_as_app
        return sum((client.requests for client in clients), start=Requests(rest=asked))

    def _count(self, number: int) -> None:
        with self._lock:
            self._asked_as_app += number

    def _tokens(self, repository: str) -> Tokens:
        if self.app is not None:
            return OwnerTokens(self.app, repository)
        if self._app_id:
            raise ConfigError(
                "this process has no private key of the App",
                cure="the worker does what needs it: start `migrator worker` with the key",
            )
        if self._token:
            return StaticToken(self._token)
        raise ConfigError(
            "there is no way to sign in to GitHub",
            cure=(
                "set MIGRATOR_GITHUB_TOKEN (or _FILE), or MIGRATOR_GITHUB_APP_ID with "
                "MIGRATOR_GITHUB_PRIVATE_KEY_FILE"
            ),
        )


class OwnerTokens:
    """Tokens of an App's installation for the owner of ``repository``, which is looked up with the
    first token.

    An App that was uninstalled and installed again has another installation, so it is looked up
    again after a refusal.
    """

    renews = True

    def __init__(self, app: GitHubApp, repository: str) -> None:
        self._app = app
        self._repository = repository
        self._found: InstallationTokens | None = None

    def __repr__(self) -> str:
        return f"OwnerTokens({_owner(self._repository)!r})"

    async def token(self) -> str:
        """A token that is good now. Raises :class:`~migrator.errors.AuthenticationError` if the
        App is not installed there."""
        tokens = self._found or await self._look_up()
        try:
            return await tokens.token()
        except AuthenticationError:
            self._found = None
            raise

    def forget(self, token: str) -> None:
        """GitHub refused ``token``: the next one is a new one."""
        if self._found is not None:
            self._found.forget(token)

    async def _look_up(self) -> InstallationTokens:
        installation = await self._app.installation_of(self._repository)
        if installation is None:
            raise AuthenticationError(
                f"the App is not installed for {_owner(self._repository)} with "
                f"{self._repository} (any more)",
                cure="install it there, or add the repository to its installation",
            )
        self._found = self._app.tokens(installation.id)
        return self._found


def _owner(repository: str) -> str:
    return repository.partition("/")[0].casefold()
