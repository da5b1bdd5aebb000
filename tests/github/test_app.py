"""A GitHub App: its tokens, its installations, the deliveries that GitHub remembers; over
PyGithub, against a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.domain.items import AccountType
from migrator.errors import (
    AuthenticationError,
    GitHubError,
    NotFound,
    OutcomeUnknown,
    ServerUnavailable,
)
from migrator.github.app import AppSecrets, GitHubApp, InstallationTokens
from migrator.github.client import GitHubClient
from migrator.github.pygithub import Calls, github

if TYPE_CHECKING:
    from tests.github.conftest import ScriptedServer
    from tests.support.sandboxes import Sandbox


def _key(sandbox: Sandbox) -> str:
    return Path(sandbox.app["private_key_file"]).read_text()


def _app(sandbox: Sandbox) -> GitHubApp:
    return GitHubApp(sandbox.url, sandbox.app["id"], _key(sandbox), seconds_between_writes=0.0)


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The present moment, in seconds."""
        return self.now


class CountingApp(GitHubApp):
    """An App that hands out numbered tokens without asking anybody."""

    def __init__(self, life: timedelta) -> None:
        self.given = 0
        self._life = life

    def new_token(self, installation_id: int) -> tuple[str, datetime]:
        """The next token."""
        self.given += 1
        return f"token-{self.given}", datetime.now(UTC) + self._life


async def test_the_app_knows_itself_and_where_it_is_installed(sandbox: Sandbox) -> None:
    """`check` names what is missing from these facts."""
    app = _app(sandbox)
    facts = await app.facts()
    installations = await app.installations()
    assert facts.slug == sandbox.app["slug"]
    assert {found.account: found.id for found in installations} == sandbox.app["installation_ids"]
    assert all(found.permissions["issues"] == "write" for found in installations)
    there = await app.installation_of(sandbox.home)
    assert there is not None
    assert there.id == sandbox.app["installation_ids"]["old"]
    assert await app.installation_of("old/nowhere") is None


async def test_a_wrong_key_is_said_to_be_wrong(sandbox: Sandbox) -> None:
    """An App of that number with another's key is nobody."""
    app = GitHubApp(sandbox.url, 42, _key(sandbox), seconds_between_writes=0.0)
    with pytest.raises(GitHubError) as caught:
        await app.facts()
    assert isinstance(caught.value, AuthenticationError | NotFound)


async def test_an_installation_reads_and_writes_as_the_apps_bot(sandbox: Sandbox) -> None:
    """Its comments are known as ours by the account that the token names."""
    tokens = _app(sandbox).tokens(sandbox.app["installation_ids"]["old"])
    async with GitHubClient(sandbox.url, tokens) as client:
        me = await client.viewer()
        item = await client.item_by_number(sandbox.home, 1)
        reply = await client.add_comment(item.id, "Moved.")
        found = await client.find_comments(item.id)
    assert (me.login, me.type) == (sandbox.app["slug"], AccountType.BOT)
    assert reply.comment.author is not None
    assert (reply.comment.author.login, reply.comment.author.type) == (
        sandbox.app["slug"],
        AccountType.BOT,
    )
    assert [comment.id for comment in found] == [reply.comment.id]


async def test_an_uninstalled_app_has_no_token(sandbox: Sandbox) -> None:
    """The cure is to install it again; waiting will not help."""
    with pytest.raises(AuthenticationError, match="installation 999"):
        await _app(sandbox).tokens(999).token()


async def test_a_token_is_used_until_shortly_before_its_end() -> None:
    """One request an hour, and never a token that ends while a request is under way."""
    app, clock = CountingApp(timedelta(hours=1)), Clock()
    tokens = InstallationTokens(app, 1, clock=clock)
    seen = [await tokens.token()]
    clock.now += 3600 - 301
    seen.append(await tokens.token())
    clock.now += 2
    seen.append(await tokens.token())
    assert seen == ["token-1", "token-1", "token-2"]


async def test_a_refused_token_is_replaced_and_a_newer_one_is_not_thrown_away() -> None:
    """Two requests may learn of the same refusal; only the first one may cost a token."""
    app = CountingApp(timedelta(hours=1))
    tokens = InstallationTokens(app, 1)
    first = await tokens.token()
    tokens.forget(first)
    second = await tokens.token()
    tokens.forget(first)
    assert (second, await tokens.token(), app.given) == ("token-2", "token-2", 2)


@pytest.mark.parametrize("life", [timedelta(days=-400), timedelta(days=400), timedelta(0)])
async def test_clocks_that_disagree_do_not_cost_a_token_for_each_request(life: timedelta) -> None:
    """If the end of a token makes no sense here, the documented hour holds."""
    app = CountingApp(life)
    tokens = InstallationTokens(app, 1)
    for _ in range(5):
        await tokens.token()
    assert app.given == 1


async def test_deliveries_are_listed_and_delivered_again(sandbox: Sandbox) -> None:
    """An App without deliveries has an empty list; one that nobody knows cannot be delivered
    again."""
    app = _app(sandbox)
    assert await app.deliveries(since=datetime(2000, 1, 1, tzinfo=UTC)) == ()
    with pytest.raises(NotFound):
        await app.redeliver(12345)


async def test_deliveries_are_read_page_by_page_back_to_the_time_asked_for(
    scripted: ScriptedServer, sandbox: Sandbox
) -> None:
    """GitHub pages them by a cursor in the `Link` header; older ones than asked for end the
    reading."""

    def page(*days: int) -> list[dict[str, object]]:
        plain = {
            "event": "issues",
            "action": "opened",
            "status_code": 502,
            "redelivery": False,
            "duration": 1.0,
            "status": "x",
        }
        ids = {"installation_id": 7, "repository_id": 8}
        return [
            {
                "id": day,
                "guid": f"g{day}",
                "delivered_at": f"2024-05-{day:02d}T00:00:00Z",
                **plain,
                **ids,
            }
            for day in days
        ]

    link = f'<{scripted.url}/app/hook/deliveries?per_page=100&cursor=v1_2>; rel="next"'
    scripted.plays(
        scripted.answers(200, page(9, 8), link=link), scripted.answers(200, page(7, 2), link=link)
    )
    app = GitHubApp(scripted.url, 1, _key(sandbox), seconds_between_writes=0.0)
    found = await app.deliveries(since=datetime(2024, 5, 5, tzinfo=UTC))
    assert [entry.guid for entry in found] == ["g9", "g8", "g7"]
    assert not found[0].arrived
    assert ["cursor=v1_2" in seen.path for seen in scripted.seen] == [False, True]


async def test_pygithub_never_repeats_a_write(scripted: ScriptedServer, sandbox: Sandbox) -> None:
    """By default it sends a POST again after a 5xx: that would be a delivery, or a comment,
    twice."""
    scripted.plays(scripted.answers(502, {"message": "Bad gateway"}))
    app = GitHubApp(scripted.url, 1, _key(sandbox), seconds_between_writes=0.0)
    with pytest.raises(OutcomeUnknown):
        await app.redeliver(5)
    assert len(scripted.seen) == 1


async def test_pygithubs_failures_are_ours(scripted: ScriptedServer) -> None:
    """No caller has to know two trees of errors."""
    requester = github(scripted.url, None).requester
    scripted.plays(scripted.answers(503, {"message": "Unicorn"}), scripted.hangs_up())
    for _ in range(2):
        with pytest.raises(ServerUnavailable):
            await Calls().get(requester, "/rate_limit")
    with pytest.raises(ServerUnavailable):
        await Calls().run(
            "nobody", lambda: github("http://127.0.0.1:9", None).get_rate_limit(), writes=True
        )


def test_secrets_of_an_app_are_never_shown() -> None:
    """Logs and error reports show representations."""
    secrets = AppSecrets(
        id=1,
        slug="migrator",
        private_key="KEY",
        webhook_secret="HOOK",
        client_id="c",
        client_secret="CLIENT",
    )
    assert "KEY" not in repr(secrets)
    assert "HOOK" not in repr(secrets)
    assert "CLIENT" not in repr(secrets)
