"""Setting up: makes the migration's GitHub App by GitHub's manifest flow, and keeps its secrets
before anything else.

A page sends the browser to GitHub with a manifest; a person confirms; GitHub sends the browser back
with a code that is good for one trade, within an hour. If the reply to that trade is lost, the App
exists and its key is gone: nothing is retried, and the page asks to remove that App or to
make a new key for it.
https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from migrator.config.app_credentials import AppCredentials, require_place, save
from migrator.config.settings import LOOPBACK, Settings
from migrator.domain.items import Frozen
from migrator.domain.rules import MigrationFile
from migrator.errors import NotFound, OutcomeUnknown, UsageError
from migrator.github.app import AppSecrets, secrets_from_manifest
from migrator.github.manifest import app_manifest, install_address, owners, register_address

MOST_BEGUN: Final = 20
"""Beginnings that are remembered; a page that is older than that has to be loaded again."""


class Offer(Frozen, frozen=True, kw_only=True):
    """One way to begin: the ``manifest`` (JSON) is posted to ``address``. ``owner`` is empty for
    one's own account."""

    owner: str
    address: str
    manifest: str


class Beginning(Frozen, frozen=True, kw_only=True):
    """What the page shows. ``public_url`` is where GitHub will reach us; empty if it will not."""

    offers: tuple[Offer, ...]
    public_url: str
    hears: bool
    shared: bool


class ToInstall(Frozen, frozen=True, kw_only=True):
    """What remains for people to do: the owner of ``repositories`` installs the App for them at
    ``address``."""

    owner: str
    repositories: tuple[str, ...]
    address: str


class Made(Frozen, frozen=True, kw_only=True):
    """The App that was made and kept in the file ``kept_in``."""

    name: str
    kept_in: str
    installs: tuple[ToInstall, ...]
    hears: bool


class AppSetup:
    """One migration's way to its App. Raises ``ConfigError`` at once if its key could not be kept
    in the end.

    ``address`` is where the service listens; with a public URL, people and GitHub reach it
    there instead.
    """

    def __init__(self, file: MigrationFile, settings: Settings, address: str) -> None:
        self._address = address.rstrip("/")
        self._name = file.migration.name
        self._owners = owners((file.migration.source, *file.targets))
        self._settings = settings
        self._path = Path(settings.app_file)
        self._begun: dict[str, str] = {}
        self.done = False
        """Whether the App is made and kept; then there is nothing to set up any more."""
        require_place(self._path)

    def begin(self, comes_back_to: str, public_url: str = "") -> Beginning:
        """Ways to begin from a browser that reaches us at ``comes_back_to``. Raises
        :class:`UsageError` for a wrong address."""
        public = _checked(public_url or self._settings.public_url or "", self._settings)
        hears, shared = bool(public) or self._settings.on_loopback, len(self._owners) > 1
        state = secrets.token_urlsafe(24)
        self._begun[state] = public
        while len(self._begun) > MOST_BEGUN:
            del self._begun[next(iter(self._begun))]
        offers = []
        for owner in ("", *self._owners):
            home, all_owners = public or self._address, shared or not owner
            manifest = app_manifest(
                self._name, home=home, comes_back_to=comes_back_to, hears=hears, shared=all_owners
            )
            address = register_address(self._settings.github_url, owner, state)
            offers.append(
                Offer(owner=owner, address=address, manifest=msgspec.json.encode(manifest).decode())
            )
        return Beginning(offers=tuple(offers), public_url=public, hears=hears, shared=shared)

    async def finish(self, code: str, state: str) -> Made:
        """Trade the code that the browser came back with for the App, and keep it.

        Raises :class:`UsageError` for a way that was not begun here or a code that GitHub does not
        know, ``ConfigError`` if the key cannot be written, and what GitHub raises.
        """
        begun = self._known(state)
        if begun is None or not code.isalnum():
            raise UsageError(
                "this App was not begun here, or too long ago", cure="start again at /setup"
            )
        require_place(self._path)
        public = self._begun.pop(begun)
        app = await self._traded(code)
        kept = AppCredentials(
            github_url=self._settings.github_url,
            github_app_id=app.id,
            github_private_key=app.private_key,
            webhook_secret=app.webhook_secret,
            oauth_client_id=app.client_id,
            oauth_client_secret=app.client_secret,
            session_secret=secrets.token_hex(32),
            public_url=public,
        )
        save(self._path, kept)
        self.done = True
        address = install_address(self._settings.github_url, app.url)
        installs = [
            ToInstall(owner=owner, repositories=tuple(names), address=address)
            for owner, names in self._owners.items()
        ]
        return Made(
            name=app.slug,
            kept_in=str(self._path),
            installs=tuple(installs),
            hears=bool(app.webhook_secret),
        )

    def _known(self, state: str) -> str | None:
        """The word under which this way was begun."""
        return next(
            (known for known in self._begun if hmac.compare_digest(known.encode(), state.encode())),
            None,
        )

    async def _traded(self, code: str) -> AppSecrets:
        try:
            return await secrets_from_manifest(self._settings.github_url, code)
        except NotFound as error:
            raise UsageError(
                "GitHub does not know this code: it was used, or is too old",
                cure="start again at /setup",
            ) from error
        except OutcomeUnknown as error:
            error.cure = (
                "GitHub may have made the App, but its key is lost: remove that App at GitHub, "
                "and start again"
            )
            raise


def _checked(address: str, settings: Settings) -> str:
    """An address by which GitHub can reach us, without its last slash; only a sandbox reaches
    this machine by itself."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise UsageError(
            f"{address} is not a URL: {error}", cure="give one like https://migrator.example.org"
        ) from error
    local = parts.hostname in LOOPBACK
    if (
        not parts.hostname
        or parts.query
        or parts.fragment
        or (parts.scheme != "https" and not (local and settings.on_loopback))
    ):
        cure = "give one like https://migrator.example.org"
        raise UsageError(f"{address} is no URL by which GitHub could reach this service", cure=cure)
    if local and not settings.on_loopback:
        raise UsageError(
            f"{address} is this machine, which GitHub cannot reach",
            cure="give the URL of your proxy or tunnel",
        )
    return address.rstrip("/")
