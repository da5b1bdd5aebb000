"""Does every address that a notice names lead somewhere?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable
from urllib.parse import urljoin, urlsplit

from migrator.errors import ServerUnavailable
from migrator.github.checks.public_hosts import is_public
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.transport import Transport

GITHUB_HOSTS = frozenset({"github.com", "www.github.com", "redirect.github.com"})
AT_ONCE = 5
MOST_REDIRECTS = 10
"""Requests for one address at most."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_THREAD = re.compile(r"/[^/]+/[^/]+/(issues|pull)/\d+/?")
_GONE = frozenset({404, 410})
_ANSWERS = frozenset({401, 403, 405, 429})
"""The page is there but not for programs: that is no fault of the notice."""


async def link_findings(
    wire: Transport, addresses: Iterable[str], *, rehearsed: Collection[str] | None = None
) -> tuple[CheckResult, ...]:
    """One finding for each address that leads nowhere, or could not be tried. Each is asked once,
    without credentials.

    ``rehearsed`` are the repositories of a sandbox (``owner/name``): their addresses are asked of
    it, and all others left alone, because a rehearsal reaches for nothing outside this machine.
    ``None``: this is the real GitHub.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def judge(address: str) -> CheckResult | None:
        async with places:
            return await _judge(wire, address, rehearsed)

    found = await asyncio.gather(*(judge(address) for address in sorted(set(addresses))))
    return tuple(finding for finding in found if finding is not None)


async def _judge(
    wire: Transport, address: str, rehearsed: Collection[str] | None
) -> CheckResult | None:
    url = address if rehearsed is None else in_sandbox(address, wire.where.web, rehearsed)
    if url is None:
        return CheckResult(
            code="link.unchecked",
            level=CheckLevel.INFO,
            subject=address,
            message=f"{address} is not checked: it is outside the sandbox",
        )
    try:
        status = await _status(wire, url)
    except ServerUnavailable as error:
        message = f"{address} does not answer ({error.cause.rsplit(': ', 1)[-1]})"
        return CheckResult(
            code="link.silent",
            level=CheckLevel.WARNING,
            subject=address,
            message=message,
            cure="try it in a browser",
        )
    return _not_public(address) if status is None else status_finding(address, status)


async def _status(wire: Transport, url: str) -> int | None:
    """The status of a page, redirects followed; ``None`` if it is, or leads to, no public host,
    which is not asked then. Where GitHub is on this machine all hosts may be asked."""
    for _ in range(MOST_REDIRECTS):
        if not wire.where.is_loopback and not await is_public(url):
            return None
        reply = await wire.visit(url)
        target = reply.headers.get("location", "")
        if reply.status not in _REDIRECTS or not target:
            return reply.status
        try:
            url = urljoin(url, target)
        except ValueError:  # no URL at all: a browser stays where it is, too
            return reply.status
    return reply.status


def _not_public(address: str) -> CheckResult:
    return CheckResult(
        code="link.private",
        level=CheckLevel.WARNING,
        subject=address,
        message=f"{address} is not checked: it leads to a host that is not public",
        cure="name a page in the migration file that everybody can open",
    )


def status_finding(address: str, status: int) -> CheckResult | None:
    """What the status of an address says, redirects followed; ``None`` if it is fine."""
    if status < 400 or status in _ANSWERS:
        return None
    broken = status in _GONE
    return CheckResult(
        code="link.broken" if broken else "link.failing",
        level=CheckLevel.ERROR if broken else CheckLevel.WARNING,
        subject=address,
        message=f"{address} answers {status}",
        cure="fix the URL in the migration file" if broken else "try it again later",
    )


def in_sandbox(address: str, web: str, repositories: Collection[str]) -> str | None:
    """The sandbox's page for an address within ``repositories``, ``None`` for any other.

    A sandbox shows repositories and threads; for files and forms it is asked for the repository
    that they are in.
    """
    parts = urlsplit(address)
    repository = "/".join(parts.path.strip("/").split("/")[:2])
    if parts.hostname not in GITHUB_HOSTS or repository.casefold() not in {
        name.casefold() for name in repositories
    }:
        return None
    return f"{web}{parts.path}" if _THREAD.fullmatch(parts.path) else f"{web}/{repository}"
