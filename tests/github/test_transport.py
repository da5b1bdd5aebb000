"""Requests over real sockets: what is repeated, what never is, and what is counted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from migrator.errors import (
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    OutcomeUnknown,
    PermissionDenied,
    ServerUnavailable,
)
from migrator.github.client import GitHubClient
from migrator.github.tokens import StaticToken
from migrator.github.transport import Observation, RetryPolicy, about_to_leave

if TYPE_CHECKING:
    from tests.github.conftest import Behaviour, ScriptedServer

VIEWER = {
    "data": {"viewer": {"__typename": "User", "id": "U_1", "databaseId": 1, "login": "robin"}}
}
REACTED = {"data": {"react": {"reaction": {"id": "R_1", "content": "ROCKET"}}}}
HASTY = RetryPolicy(read_timeout=0.3, total_timeout=0.6)


class Waits:
    """Remembers how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Sleep not at all."""
        self.seconds.append(seconds)


class RenewingTokens:
    """Gives `old` until it is forgotten, then `new`."""

    renews = True

    def __init__(self) -> None:
        self.value = "old"

    async def token(self) -> str:
        """The present token."""
        return self.value

    def forget(self, token: str) -> None:
        """Go on to the next one."""
        self.value = "new"


def _client(server: ScriptedServer, waits: Waits | None = None, **options: Any) -> GitHubClient:
    tokens = options.pop("tokens", StaticToken("secret"))
    return GitHubClient(
        server.url, tokens, sleep=waits or Waits(), **{"retry_policy": HASTY, **options}
    )


def _lost(server: ScriptedServer) -> list[Behaviour]:
    return [
        server.hangs_up(),
        server.cuts_off(),
        server.stays_silent(),
        server.answers(502),
        server.answers(500),
        server.answers(504),
    ]


@pytest.mark.parametrize("fault", range(6), ids=["hangs up", "cut", "silent", "502", "500", "504"])
async def test_a_write_whose_reply_is_lost_is_sent_once_and_in_doubt(
    scripted: ScriptedServer, fault: int
) -> None:
    """However the reply gets lost: the write is never repeated, and its outcome is said to be
    unknown."""
    scripted.plays(_lost(scripted)[fault], scripted.answers(200, REACTED))
    async with _client(scripted) as client:
        with pytest.raises(OutcomeUnknown):
            await client.add_reaction("I_1", "ROCKET")
        assert len(scripted.seen) == client.requests.mutation == 1


@pytest.mark.parametrize("fault", range(6), ids=["hangs up", "cut", "silent", "502", "500", "504"])
async def test_a_read_whose_reply_is_lost_is_asked_again(
    scripted: ScriptedServer, fault: int
) -> None:
    """A read changes nothing, so one lost reply must not end a scan; every try counts."""
    scripted.plays(_lost(scripted)[fault], scripted.answers(200, VIEWER))
    async with _client(scripted) as client:
        assert (await client.viewer()).login == "robin"
        assert client.requests.query == 2


async def test_reads_give_up_after_some_tries_with_growing_pauses(scripted: ScriptedServer) -> None:
    """An outage ends in an error, and is not hammered meanwhile."""
    waits = Waits()
    scripted.plays(scripted.answers(503))
    async with _client(scripted, waits) as client:
        with pytest.raises(ServerUnavailable):
            await client.viewer()
    assert waits.seconds == [1.0, 2.0, 4.0]


async def test_a_write_that_finds_no_server_is_known_not_to_have_happened() -> None:
    """No connection, no comment: nothing to look for, it may be written again later."""
    async with GitHubClient("http://127.0.0.1:9", StaticToken("x"), sleep=Waits()) as client:
        with pytest.raises(ServerUnavailable):
            await client.add_reaction("I_1", "ROCKET")


async def test_a_read_sits_out_a_short_limit(scripted: ScriptedServer) -> None:
    """GitHub names the wait; the read waits exactly that."""
    waits = Waits()
    scripted.plays(
        scripted.answers(
            403, {"message": "You have exceeded a secondary rate limit"}, retry_after="13"
        ),
        scripted.answers(200, VIEWER),
    )
    async with _client(scripted, waits) as client:
        await client.viewer()
    assert waits.seconds == [13.0]


async def test_a_long_limit_is_the_callers_to_plan(scripted: ScriptedServer) -> None:
    """A durable workflow sleeps better than a socket does."""
    waits = Waits()
    scripted.plays(scripted.answers(429, None, retry_after="1800"))
    async with _client(scripted, waits) as client:
        with pytest.raises(LimitExceeded) as caught:
            await client.viewer()
    assert caught.value.wait == 1800.0
    assert waits.seconds == []


async def test_a_write_is_never_repeated_after_a_limit(scripted: ScriptedServer) -> None:
    """Even a short one: the budget decides when the next write leaves."""
    scripted.plays(
        scripted.answers(403, {"message": "secondary rate limit"}, retry_after="1"),
        scripted.answers(200, REACTED),
    )
    async with _client(scripted) as client:
        with pytest.raises(LimitExceeded):
            await client.add_reaction("I_1", "ROCKET")
    assert len(scripted.seen) == 1


async def test_limits_in_a_row_double_the_wait_until_something_succeeds(
    scripted: ScriptedServer,
) -> None:
    """Where GitHub names no wait, we back off further each time, and start over after a success."""
    limited = scripted.answers(403, {"message": "secondary rate limit"})
    scripted.plays(limited, limited, scripted.answers(200, REACTED), limited)
    waits = []
    async with _client(scripted) as client:
        for _ in range(4):
            try:
                await client.add_reaction("I_1", "ROCKET")
            except LimitExceeded as error:
                waits.append(error.wait)
    assert waits == [60.0, 120.0, 60.0]


async def test_a_read_with_an_expired_token_gets_a_fresh_one(scripted: ScriptedServer) -> None:
    """An hour's scan outlives an installation token."""
    scripted.plays(
        scripted.answers(401, {"message": "Bad credentials"}), scripted.answers(200, VIEWER)
    )
    async with _client(scripted, tokens=RenewingTokens()) as client:
        await client.viewer()
    assert [seen.headers["authorization"] for seen in scripted.seen] == ["Bearer old", "Bearer new"]


async def test_a_token_that_stays_refused_ends_the_reading(scripted: ScriptedServer) -> None:
    """A revoked token is asked for once more, and then it is an error: no loop."""
    scripted.plays(scripted.answers(401, {"message": "Bad credentials"}))
    async with _client(scripted, tokens=RenewingTokens()) as client:
        with pytest.raises(AuthenticationError):
            await client.viewer()
    assert len(scripted.seen) == 2


async def test_a_write_with_an_expired_token_is_not_repeated_but_the_next_has_a_fresh_one(
    scripted: ScriptedServer,
) -> None:
    """A 401 is an answer, so the caller may look again and write again; the client itself never
    does."""
    scripted.plays(scripted.answers(401, {"message": "Bad credentials"}))
    async with _client(scripted, tokens=RenewingTokens()) as client:
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                await client.add_comment("I_1", "Moved.")
    assert [seen.headers["authorization"] for seen in scripted.seen] == ["Bearer old", "Bearer new"]


class SlowTokens(StaticToken):
    """Notes when the token was there."""

    def __init__(self, told: list[str]) -> None:
        super().__init__("secret")
        self.told = told

    async def token(self) -> str:
        """The token."""
        self.told.append("token")
        return await super().token()


async def test_a_write_is_asked_at_the_last_moment_whether_it_may_leave(
    scripted: ScriptedServer,
) -> None:
    """The check comes after the token and the connection; what it raises comes out, and not a
    byte was sent."""
    told: list[str] = []

    def check() -> None:
        told.append("check")
        raise PermissionError("held up")

    scripted.plays(scripted.answers(200, REACTED))
    async with _client(scripted, tokens=SlowTokens(told)) as client:
        with pytest.raises(PermissionError, match="held up"), about_to_leave(check):
            await client.add_comment("I_1", "Moved.")
        assert (told, scripted.seen) == (["token", "check"], [])
        await client.add_reaction("I_1", "ROCKET")
    assert [seen.body["operationName"] for seen in scripted.seen] == ["AddReaction"]


async def test_what_is_harmless_twice_is_sent_again_with_a_new_token(
    scripted: ScriptedServer,
) -> None:
    """A reaction that is there already changes nothing, so nobody has to look first."""
    scripted.plays(
        scripted.answers(401, {"message": "Bad credentials"}), scripted.answers(200, REACTED)
    )
    async with _client(scripted, tokens=RenewingTokens()) as client:
        await client.add_reaction("I_1", "ROCKET")
    assert [seen.headers["authorization"] for seen in scripted.seen] == ["Bearer old", "Bearer new"]


async def test_a_refused_personal_token_cannot_be_renewed(scripted: ScriptedServer) -> None:
    """Whoever asks for another one gets the refusal itself, instead of a loop."""
    refusal = AuthenticationError("Bad credentials")
    async with _client(scripted) as client:
        with pytest.raises(AuthenticationError) as caught:
            await client.renew(refusal)
    assert caught.value is refusal
    assert scripted.seen == []


async def test_connections_stay_open_for_whoever_still_works_with_them(
    scripted: ScriptedServer,
) -> None:
    """Two on one event loop share them: the first to leave must not cut the other off."""
    scripted.plays(scripted.answers(200, VIEWER))
    async with _client(scripted) as client:
        async with client:
            await client.viewer()
        (pool,) = client.wire.connections._pools.values()
        assert not pool.is_closed
    assert pool.is_closed


async def test_a_missing_right_is_not_asked_for_twice(scripted: ScriptedServer) -> None:
    """Refusals do not change by asking again."""
    scripted.plays(
        scripted.answers(403, {"message": "Resource not accessible by personal access token"})
    )
    async with _client(scripted) as client:
        with pytest.raises(PermissionDenied):
            await client.viewer()
    assert len(scripted.seen) == 1


async def test_every_try_is_told_with_what_its_reply_says_of_limits(
    scripted: ScriptedServer,
) -> None:
    """The budget learns from each reply, the failed ones too."""
    told: list[Observation] = []
    rate = {
        "x_ratelimit_limit": "5000",
        "x_ratelimit_remaining": "4321",
        "x_ratelimit_resource": "graphql",
    }
    scripted.plays(scripted.answers(502), scripted.answers(200, VIEWER, **rate))
    async with _client(scripted, on_response=told.append) as client:
        await client.viewer()
        assert client.rates["graphql"].remaining == 4321
    assert [(seen.name, seen.status, type(seen.error)) for seen in told] == [
        ("Viewer", 502, ServerUnavailable),
        ("Viewer", 200, type(None)),
    ]
    assert told[1].rate is not None


async def test_no_more_requests_are_under_way_than_agreed(scripted: ScriptedServer) -> None:
    """GitHub limits concurrent requests; ours wait for a place."""
    under_way, most = 0, 0

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.02)
        under_way -= 1
        await scripted.answers(200, REACTED)(writer)

    scripted.plays(slow)
    async with _client(scripted, retry_policy=RetryPolicy(concurrency=3)) as client:
        await asyncio.gather(*(client.add_reaction("I_1", "ROCKET") for _ in range(12)))
    assert most == 3


def test_one_client_serves_several_event_loops() -> None:
    """The durable engine has a loop of its own; a connection of one loop must not be used in
    another."""
    client = GitHubClient("http://127.0.0.1:9", StaticToken("x"), sleep=Waits())
    for _ in range(2):
        with pytest.raises(GitHubError):
            asyncio.run(client.add_reaction("I_1", "ROCKET"))
    assert client.requests.mutation == 2


def test_a_token_is_never_shown() -> None:
    """Neither by the provider's representation nor by a client's."""
    token = StaticToken("ghp_secret")
    assert "ghp_secret" not in repr(token) + repr(
        GitHubClient("http://127.0.0.1:9", token).__dict__
    )


async def test_a_scan_in_an_outage_ends_in_an_error(scripted: ScriptedServer) -> None:
    """Neither a page nor the list of its numbers is answered: nobody's item is to blame, after a
    bounded number of tries."""
    scripted.plays(scripted.answers(502))
    async with _client(scripted) as client:
        with pytest.raises(ServerUnavailable):
            await anext(client.scan_issues("old/home"))
    assert [seen.body["operationName"] for seen in scripted.seen] == [
        "ScanIssues",
        *["IssueNumbers"] * 4,
    ]


@pytest.mark.parametrize(
    "data",
    [{"comment": {}}, {"comment": {"commentEdge": None, "subject": None}}, {"comment": None}],
)
async def test_a_notice_whose_reply_makes_no_sense_is_in_doubt(
    scripted: ScriptedServer, data: Any
) -> None:
    """It was most likely stored: look before writing again."""
    scripted.plays(scripted.answers(200, {"data": data}))
    async with _client(scripted) as client:
        with pytest.raises(OutcomeUnknown):
            await client.add_comment("I_1", "Moved.")


async def test_an_unknown_form_of_an_answer_is_a_typed_error(scripted: ScriptedServer) -> None:
    """A new GitHub Enterprise may answer what this version does not know."""
    scripted.plays(
        scripted.answers(200, {"data": {"node": {"__typename": "Issue", "number": "seven"}}})
    )
    async with _client(scripted) as client:
        with pytest.raises(GitHubError, match="does not know"):
            await client.item("I_1")


async def test_a_label_whose_creation_got_no_reply_is_asked_for_again_later(
    scripted: ScriptedServer,
) -> None:
    """It may come to be any moment: that is a reason to wait, not to end the run."""
    none = scripted.answers(200, {"data": {"repository": {"id": "R_1", "label": None}}})
    scripted.plays(none, scripted.answers(502), none)
    async with _client(scripted) as client:
        with pytest.raises(ServerUnavailable):
            await client.ensure_label("old/home", "moved")
    assert len(scripted.seen) == 3
