"""``migrator serve`` before there is a way to sign in to GitHub: serves ``/setup`` until the App
is made."""

from __future__ import annotations

import socket

import uvicorn

from migrator.cli.output import out
from migrator.config.settings import LOOPBACK
from migrator.errors import ConfigError
from migrator.execution.context import Context
from migrator.github.http_messages import endpoints
from migrator.services.app_setup import AppSetup
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.connections import limits
from migrator.web.setup import PATH, SetupAccess, Site, create_setup_app

GRACE = 5
"""Seconds that requests in flight have to finish when the App is made."""


def set_up(context: Context, listening: socket.socket, address: str) -> bool:
    """Serve ``/setup`` on a socket, which stays open, until the App is made; false if someone
    stopped it before.

    Raises ``ConfigError`` if others than this machine could reach it, or if the App's key could not
    be kept.
    """
    settings, rules = context.settings, context.migration.file.migration
    if listening.getsockname()[0] not in LOOPBACK:
        raise ConfigError(
            "there is no way to sign in to GitHub, and `/setup` opens on this machine only",
            cure=(
                "make the App with `migrator serve` on 127.0.0.1, or set MIGRATOR_GITHUB_APP_ID "
                "and MIGRATOR_GITHUB_PRIVATE_KEY_FILE"
            ),
        )
    links = OneTimeLinks(address, _tell, path=PATH)
    site = Site(
        name=rules.name,
        title=rules.title,
        source=rules.source,
        web=endpoints(settings.github_url).web,
    )
    made: list[bool] = []

    def done() -> None:
        made.append(True)
        server.should_exit = True

    app = create_setup_app(
        AppSetup(context.migration.file, settings, settings.public_url or address),
        site,
        SetupAccess(links),
        clock=context.clock,
        done=done,
    )
    server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=GRACE, **limits()))
    links.offer()
    server.run([listening.dup()])
    return bool(made)


def _tell(link: str) -> None:
    out.print(f"there is no way to sign in to GitHub yet; make the App at {link}", soft_wrap=True)
