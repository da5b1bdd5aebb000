"""Addresses in notices lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.github.checks.links import in_sandbox, link_findings, status_finding
from migrator.github.checks.results import CheckLevel
from migrator.github.http_messages import endpoints
from migrator.github.tokens import StaticToken
from migrator.github.transport import Transport

if TYPE_CHECKING:
    from tests.github.conftest import ScriptedServer


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (200, None),
        (204, None),
        (403, None),
        (405, None),
        (429, None),
        (404, CheckLevel.ERROR),
        (410, CheckLevel.ERROR),
        (500, CheckLevel.WARNING),
    ],
)
def test_only_a_page_that_is_gone_is_an_error(status: int, level: CheckLevel | None) -> None:
    """Pages that keep programs out are there for people; a server's bad day is no wrong address."""
    finding = status_finding("https://example.org/x", status)
    assert (finding.level if finding else None) is level


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://github.com/old/home/issues/1", "http://127.0.0.1:1/old/home/issues/1"),
        ("https://redirect.github.com/Old/Home/pull/1?x=1", "http://127.0.0.1:1/Old/Home/pull/1"),
        ("https://github.com/old/home/tree/main/widgets", "http://127.0.0.1:1/old/home"),
        ("https://github.com/old/home/issues/new?title=x", "http://127.0.0.1:1/old/home"),
        ("https://github.com/old/home", "http://127.0.0.1:1/old/home"),
        ("https://github.com/else/where", None),
        ("https://github.com/old", None),
        ("https://example.org/old/home", None),
        ("https://github.com.example.org/old/home", None),
    ],
)
def test_a_rehearsal_asks_the_sandbox_and_nobody_else(address: str, page: str | None) -> None:
    """A rehearsal works without a network, touches nothing outside this machine, and calls
    nothing broken that it cannot know."""
    assert in_sandbox(address, "http://127.0.0.1:1", ["old/home"]) == page


async def test_each_address_is_asked_once_without_credentials(scripted: ScriptedServer) -> None:
    """Guides and agreements live on others' servers: no token goes there, and no request is
    counted as GitHub's."""
    scripted.plays(scripted.answers(404))
    wire = Transport(endpoints("https://api.github.com"), StaticToken("secret"))
    address = f"{scripted.url}/guide"
    found = await link_findings(wire, [address, address, "http://127.0.0.1:9/nobody"])
    await wire.connections.close()
    assert sorted(finding.code for finding in found) == ["link.broken", "link.silent"]
    assert [("authorization" in seen.headers, seen.path) for seen in scripted.seen] == [
        (False, "/guide")
    ]
    assert wire.requests.rest == 0
