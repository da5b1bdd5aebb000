"""Addresses in notices lead somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.github.checks.links import in_sandbox, link_findings, status_finding
from migrator.github.checks.public_hosts import is_public_address
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
    wire = Transport(endpoints(scripted.url), StaticToken("secret"))
    address = f"{scripted.url}/guide"
    found = await link_findings(wire, [address, address, "http://127.0.0.1:9/nobody"])
    await wire.connections.close()
    assert sorted(finding.code for finding in found) == ["link.broken", "link.silent"]
    assert [("authorization" in seen.headers, seen.path) for seen in scripted.seen] == [
        (False, "/guide")
    ]
    assert wire.requests.rest == 0


async def test_hosts_of_our_own_network_are_not_asked(scripted: ScriptedServer) -> None:
    """A migration file cannot make `check` knock at what only this machine reaches."""
    scripted.plays(scripted.answers(200))
    wire = Transport(endpoints("https://api.github.com"), StaticToken("secret"))
    local = scripted.url.replace("127.0.0.1", "localhost")
    addresses = [f"{scripted.url}/inside", f"{local}/inside", "http://169.254.169.254/latest"]
    found = await link_findings(wire, addresses)
    await wire.connections.close()
    assert [finding.code for finding in found] == ["link.private"] * 3
    assert scripted.seen == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("140.82.121.4", True),
        ("2606:50c0:8000::153", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, public: bool) -> None:
    """Loopback, private, shared, link-local and multicast addresses are not, in any notation."""
    assert is_public_address(address) is public
