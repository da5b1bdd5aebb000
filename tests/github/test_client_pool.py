"""Which account acts where: a token's everywhere, an App's installation at each owner; over
HTTP, against a sandbox."""

from __future__ import annotations

import pytest

from migrator.errors import AuthenticationError, ConfigError
from migrator.github.client_pool import ClientPool
from migrator.github.models import Requests
from tests.support.sandboxes import NEW, OLD, Sandboxes, issue


def test_a_token_is_one_account_everywhere() -> None:
    """One client, whose limits all repositories share."""
    clients = ClientPool("https://api.github.com", token="secret")
    assert clients.of(OLD) is clients.of(NEW)
    assert clients.account(OLD) == clients.account(NEW)
    assert list(clients.by_account([OLD, NEW, OLD]).values()) == [[OLD, NEW]]
    assert "secret" not in repr(clients)


async def test_an_app_is_another_account_at_each_owner(sandboxes: Sandboxes) -> None:
    """Each owner's installation has its own tokens and limits; repositories of one owner share
    them, however written."""
    clients = sandboxes.start().app_clients()
    assert clients.of(OLD) is clients.of("OLD/other")
    assert clients.of(OLD) is not clients.of(NEW)
    assert len({clients.account(name) for name in (OLD, "OLD/other", NEW)}) == 2
    assert list(clients.by_account([OLD, NEW, "old/other"]).values()) == [[OLD, "old/other"], [NEW]]


async def test_each_installation_writes_at_its_own_owner_as_the_same_bot(
    sandboxes: Sandboxes,
) -> None:
    """What one installation may do ends with its owner; the account that people see is the same."""
    started = sandboxes.start(issue(1), issue(1, repository=NEW))
    clients = started.app_clients()
    async with clients.of(OLD) as old, clients.of(NEW) as new:
        for github, place in ((old, OLD), (new, NEW)):
            item = await github.item_by_number(place, 1)
            reply = await github.add_comment(item.id, "Moved.")
            assert reply.comment.author is not None
            assert reply.comment.author.id == (await github.viewer()).id
        assert (await old.viewer()).id == (await new.viewer()).id


async def test_requests_are_counted_in_one_place(sandboxes: Sandboxes) -> None:
    """Every client's, and what the App asks for its own sake: exactly what the other side saw."""
    started = sandboxes.start()
    clients = started.app_clients()
    async with clients.of(OLD) as old, clients.of(NEW) as new:
        await old.viewer()
        await new.viewer()
    assert clients.requests == Requests(query=2, mutation=0, rest=4)
    assert started.stats()["requests"] == {"query": 2, "mutation": 0, "rest": 4}


async def test_an_app_that_is_installed_again_finds_its_new_installation(
    sandboxes: Sandboxes,
) -> None:
    """Another installation has another number: a process that runs on must not insist on the old
    one."""
    started = sandboxes.start(issue(1))
    async with started.app_clients().of(OLD) as github:
        await github.item_by_number(OLD, 1)
        started.installation("old", removed=True)
        for _ in range(2):
            with pytest.raises(AuthenticationError, match="install"):
                await github.item_by_number(OLD, 1)
        started.install_again()
        assert (await github.item_by_number(OLD, 1)).number == 1


def test_without_credentials_nothing_can_be_opened() -> None:
    """Verbs that ask GitHub nothing need none; the others name the cure."""
    clients = ClientPool("https://api.github.com")
    with pytest.raises(ConfigError) as caught:
        clients.of(OLD)
    assert "MIGRATOR_GITHUB_TOKEN" in caught.value.cure


def test_with_the_apps_id_alone_accounts_have_the_same_names_and_nothing_is_asked(
    sandboxes: Sandboxes,
) -> None:
    """The web shows the budget that the worker spends, and cannot spend it."""
    started = sandboxes.start()
    web = ClientPool(started.url, app_id=started.app["id"])
    assert web.account(OLD) == started.app_clients().account(OLD)
    with pytest.raises(ConfigError, match="no private key"):
        web.of(OLD)
