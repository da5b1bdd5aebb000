"""Does every address that a notice names lead somewhere?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

from migrator.errors import ServerUnavailable
from migrator.github.checks.findings import Finding, Level
from migrator.github.wire import Wire

GITHUB_HOSTS = frozenset({"github.com", "www.github.com", "redirect.github.com"})
AT_ONCE = 5
_GONE = frozenset({404, 410})
_ANSWERS = frozenset({401, 403, 405, 429})
"""The page is there but not for programs: that is no fault of the notice."""


async def link_findings(wire: Wire, addresses: Iterable[str], *, sandbox: bool = False) -> tuple[Finding, ...]:
    """One finding for each address that leads nowhere, or could not be tried. Each is asked once, without credentials.

    In a ``sandbox``, GitHub's own addresses are asked of it instead, and other hosts are left alone: a rehearsal reaches
    for nothing outside this machine.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def judge(address: str) -> Finding | None:
        async with places:
            return await _judge(wire, address, sandbox=sandbox)

    found = await asyncio.gather(*(judge(address) for address in sorted(set(addresses))))
    return tuple(finding for finding in found if finding is not None)


async def _judge(wire: Wire, address: str, *, sandbox: bool) -> Finding | None:
    url = in_sandbox(address, wire.where.web) if sandbox else address
    if url is None:
        return Finding(
            code="link.unchecked",
            level=Level.INFO,
            subject=address,
            message=f"{address} is not checked: it is outside the sandbox",
        )
    try:
        status = (await wire.fetch(url)).status
    except ServerUnavailable as error:
        message = f"{address} does not answer ({error.cause.rsplit(': ', 1)[-1]})"
        return Finding(code="link.silent", level=Level.WARNING, subject=address, message=message, cure="try it in a browser")
    return status_finding(address, status)


def status_finding(address: str, status: int) -> Finding | None:
    """What the status of an address says, redirects followed; ``None`` if it is fine."""
    if status < 400 or status in _ANSWERS:
        return None
    broken = status in _GONE
    return Finding(
        code="link.broken" if broken else "link.failing",
        level=Level.ERROR if broken else Level.WARNING,
        subject=address,
        message=f"{address} answers {status}",
        cure="mend the address in the migration file" if broken else "try it again later",
    )


def in_sandbox(address: str, web: str) -> str | None:
    """The sandbox's page for one of GitHub's own addresses; ``None`` for other hosts and for code, which it has none of."""
    parts = urlsplit(address)
    if parts.path.split("/")[3:4] in (["tree"], ["blob"]):
        return None
    if parts.hostname not in GITHUB_HOSTS:
        return address if address.startswith(web) else None
    query = f"?{parts.query}" if parts.query else ""
    return f"{web}{parts.path}{query}"
