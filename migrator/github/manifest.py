"""What a GitHub App of ours asks for, as the manifest from which GitHub makes it. Pure: nothing is
sent here.

https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from migrator.domain.webhooks.subscriptions import REACTS
from migrator.github.http_messages import endpoints

READS: Final = {"metadata": "read", "contents": "read", "issues": "read", "pull_requests": "read"}
"""Permissions to scan with."""
WRITES: Final = {**READS, "issues": "write", "pull_requests": "write"}
"""Permissions to act with, and no more."""
EVENTS: Final = tuple(sorted(REACTS))
"""Webhook events that something is done about; those about installations come unasked."""
LONGEST_NAME: Final = 34
"""Characters of an App's name; GitHub shows it before the App is made, and lets people change
it."""
PAGE: Final = "https://docs.github.com/apps/overview"
"""``url`` of the manifest where GitHub cannot reach the service: it has to be one that people
can follow."""


def app_manifest(
    name: str, *, home: str, comes_back_to: str, hears: bool, shared: bool
) -> dict[str, Any]:
    """The manifest of an App for the migration ``name``.

    ``home`` is the address of the service, ``comes_back_to`` the one by which the browser that
    makes the App reaches it. With ``hears``, webhooks go to ``home``. ``shared`` lets other owners
    than the App's own install it, as is needed where the repositories belong to several. No
    addresses end in a slash.
    """
    manifest: dict[str, Any] = {
        "name": f"{name} migration"[:LONGEST_NAME],
        "url": home if hears else PAGE,
        "description": f"Tells people where the issues and pull requests of {name} go on.",
        "redirect_url": f"{comes_back_to}/setup/created",
        "callback_urls": [f"{home}/login/callback"],
        "public": shared,
        "default_permissions": WRITES,
        "default_events": list(EVENTS) if hears else [],
    }
    return (
        {**manifest, "hook_attributes": {"url": f"{home}/webhooks", "active": True}}
        if hears
        else manifest
    )


def register_address(base_url: str, owner: str, state: str) -> str:
    """Where the browser takes the manifest; an empty ``owner`` makes it the App of whoever is
    signed in."""
    place = (
        f"/organizations/{quote(owner, safe='')}/settings/apps/new"
        if owner
        else "/settings/apps/new"
    )
    return f"{endpoints(base_url).web}{place}?{urlencode({'state': state})}"


def install_address(base_url: str, app_url: str) -> str:
    """Where owners install the App whose page is ``app_url`` (``https://github.com/apps/NAME``)
    at the GitHub of ``base_url``."""
    return f"{endpoints(base_url).web}{urlsplit(app_url).path.rstrip('/')}/installations/new"


def owners(repositories: Iterable[str]) -> dict[str, list[str]]:
    """Owner -> their repositories among ``owner/name``s: the App is installed once for each
    owner."""
    found: dict[str, list[str]] = {}
    for repository in dict.fromkeys(repositories):
        found.setdefault(repository.partition("/")[0], []).append(repository)
    return found
