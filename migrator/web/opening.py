"""Opens a dashboard's desk from the settings: which doors there are follows from where it listens and what it was given."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from pydantic import SecretStr

from migrator.config.settings import LOOPBACK, Settings
from migrator.errors import ConfigError
from migrator.operations.deeds import Deeds, Enqueue
from migrator.operations.rights import Rights
from migrator.operations.sign_in import SignIn
from migrator.web.desk import Desk
from migrator.web.links import Links
from migrator.web.sessions import Sessions
from migrator.workflows.context import Context

CALLBACK = "/login/callback"
"""The App's callback address is the dashboard's address with this path."""


def open_desk(
    context: Context,
    *,
    address: str,
    enqueue: Enqueue,
    tell: Callable[[str], None],
    stopping: Callable[[], bool] = lambda: False,
) -> Desk:
    """The desk of a dashboard that listens at ``address`` (scheme, host and port).

    People reach it there, or at the settings' ``public_url``. With an App's client id and secret they log in with GitHub;
    without, and on this machine only, by a one-time link that is told to ``tell``. Raises ``ConfigError`` where neither
    is possible: a dashboard without a door is of no use, and one without a lock must not be.
    """
    settings = context.settings
    address = settings.public_url or address
    sign_in = _sign_in(settings, address)
    local = urlsplit(address).hostname in LOOPBACK
    if sign_in is None and not local:
        raise ConfigError(
            f"people at {address} could not log in to the dashboard",
            cure="set MIGRATOR_OAUTH_CLIENT_ID and MIGRATOR_OAUTH_CLIENT_SECRET, or listen on 127.0.0.1",
        )
    links = Links(address, tell) if sign_in is None else None
    return Desk(
        context=context,
        deeds=Deeds(context, enqueue),
        sessions=Sessions(_keys(settings)),
        rights=Rights(context),
        account=f"{getpass.getuser()} on this machine",
        links=links,
        sign_in=sign_in,
        https=urlsplit(address).scheme == "https",
        stopping=stopping,
    )


def _sign_in(settings: Settings, address: str) -> SignIn | None:
    if settings.oauth_client_id is None or settings.oauth_client_secret is None:
        return None
    return SignIn(
        github_url=settings.github_url,
        client_id=settings.oauth_client_id,
        client_secret=settings.oauth_client_secret,
        return_to=address.rstrip("/") + CALLBACK,
    )


def _keys(settings: Settings) -> tuple[str, ...]:
    """The keys that sign sessions, newest first. Without any, everybody logs in again after a restart."""
    named: list[SecretStr] = [key for key in (settings.session_secret, settings.session_secret_previous) if key is not None]
    return tuple(key.get_secret_value() for key in named) or (secrets.token_hex(32),)
