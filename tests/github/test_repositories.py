"""Who we are, which GitHub this is, what its repositories are, and who may do what in them; over
real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from migrator.errors import AuthenticationError
from migrator.github.client import GitHubClient
from migrator.github.models import Permission, Requests
from migrator.github.tokens import StaticToken
from tests.support.sandboxes import NEW, OLD, Sandboxes, first_issue, issue, repository

if TYPE_CHECKING:
    from tests.support.sandboxes import Sandbox


async def test_the_client_knows_whose_token_it_has(sandbox: Sandbox) -> None:
    """Our own acts are known by this account; asked once, however often."""
    async with sandbox.client("robin") as client:
        assert (await client.viewer()).login == "robin"
        await client.viewer()
        assert client.requests == Requests(query=1)


async def test_a_wrong_token_is_said_to_be_wrong(sandbox: Sandbox) -> None:
    """Not "not found", not "try again"."""
    async with sandbox.client("nobody-of-that-name") as client:
        with pytest.raises(AuthenticationError):
            await client.viewer()


async def test_a_sandbox_is_told_from_the_real_thing(sandbox: Sandbox) -> None:
    """Only an address on this machine that says so itself may be written to without the
    ceremony."""
    async with sandbox.client() as client:
        assert await client.is_sandbox()
        assert client.requests == Requests()


@pytest.mark.parametrize("path", ["", "/api/v3"])
async def test_both_forms_of_a_base_address_lead_to_the_same_github(
    sandbox: Sandbox, path: str
) -> None:
    """github.com's and Enterprise's addresses differ; the client derives GraphQL's from REST's."""
    async with GitHubClient(sandbox.url + path, StaticToken("sandbox-owner")) as client:
        assert (await first_issue(client, sandbox.home)).number == 1


async def test_repositories_and_account_are_one_request(sandboxes: Sandboxes) -> None:
    """A second scan of an unchanged repository has five requests in all: this one, and one for
    each of the four walks."""
    many = [
        {"name": f"label {number:03d}", "color": "ededed", "description": ""}
        for number in range(180)
    ]
    started = sandboxes.start(homes=(repository(OLD, labels=many), repository(NEW, archived=True)))
    async with started.client() as client:
        old, new = await client.repositories([OLD, NEW])
        assert (await client.viewer()).login == "owner"
        assert client.requests == Requests(query=1)
    assert (old.name, new.name, new.archived) == (OLD, NEW, True)
    assert [label.name for label in old.labels] == [label["name"] for label in many]


async def test_any_number_of_labels_is_read_whole(sandboxes: Sandboxes) -> None:
    """A label that is overlooked would be created again, or called misspelt."""
    many = [
        {"name": f"label {number:03d}", "color": "ededed", "description": ""}
        for number in range(330)
    ]
    async with sandboxes.start(homes=(repository(OLD, labels=many),)).client() as client:
        facts = await client.repository(OLD)
    assert {label.name for label in facts.labels} == {label["name"] for label in many}
    assert len(facts.labels) == 330


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("owner", Permission.ADMIN),
        ("triager", Permission.TRIAGE),
        ("robin", Permission.READ),
        ("no-such-account", Permission.NONE),
    ],
)
async def test_the_role_of_an_account_is_known(
    sandbox: Sandbox, login: str, expected: Permission
) -> None:
    """Commands are for the author and for people with triage rights or more."""
    async with sandbox.client() as client:
        assert await client.permission(sandbox.home, login) == expected


def test_roles_are_ordered() -> None:
    """Each role allows what the weaker ones do."""
    assert Permission.ADMIN.allows(Permission.TRIAGE)
    assert Permission.TRIAGE.allows(Permission.TRIAGE)
    assert not Permission.READ.allows(Permission.TRIAGE)


async def test_the_client_counts_what_the_server_counts(sandboxes: Sandboxes) -> None:
    """The promised numbers of requests are read from this count."""
    started = sandboxes.start(issue(1))
    async with started.client() as client:
        item = await first_issue(client, OLD)
        await client.add_comment(item.id, "Moved.")
        await client.permission(OLD, "robin")
        assert started.stats()["requests"] == {"query": 1, "mutation": 1, "rest": 1}
        assert client.requests == Requests(query=1, mutation=1, rest=1)
