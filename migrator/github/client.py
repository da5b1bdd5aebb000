"""The client: every question and every act that the migrator needs of GitHub, over one account's
wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

import msgspec

from migrator.domain.items import Item
from migrator.errors import AuthenticationError, ClockWrong, OutcomeUnknown, ServerUnavailable
from migrator.github.http_messages import endpoints, mutation
from migrator.github.models import Requests
from migrator.github.rate_limit_headers import CLOCK_TOLERANCE, RateLimit
from migrator.github.reads import Reads
from migrator.github.single_items import read_thread_back
from migrator.github.threads import DEEPEST, complete_threads
from migrator.github.tokens import Tokens
from migrator.github.transport import Observation, RetryPolicy, Transport
from migrator.github.writes import Writes


class GitHubClient(Reads, Writes):
    """One account's way to one GitHub.

    ``base_url`` is ``https://api.github.com``, an Enterprise ``https://HOST/api/v3``, or a
    sandbox's address; nothing else differs between them. The client may be used from several event
    loops. Each has its own connections, which are closed by the last ``async with`` that ends
    there, or by :meth:`aclose`. ``on_response`` is told of every try, from within the loop: it must
    be quick and not raise.
    """

    def __init__(
        self,
        base_url: str,
        tokens: Tokens,
        *,
        retry_policy: RetryPolicy | None = None,
        on_response: Callable[[Observation], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        wire = Transport(
            endpoints(base_url),
            tokens,
            retry_policy=retry_policy,
            on_response=on_response,
            sleep=sleep,
            now=now,
        )
        super().__init__(wire)

    async def __aenter__(self) -> Self:
        self.wire.connections.hold()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.wire.connections.release()

    async def aclose(self) -> None:
        """Close this event loop's connections. The client can still be used: it opens new ones."""
        await self.wire.connections.close()

    async def renew(self, refusal: AuthenticationError) -> None:
        """Have a new token in place of the refused one.

        Raises ``refusal`` if there can be no other, and ``AuthenticationError`` if an App gets none
        any more.
        """
        await self.wire.renew(refusal)

    @property
    def requests(self) -> Requests:
        """How many requests were sent, by kind; every try counts. Sandbox control and link
        checks are no GitHub requests."""
        return self.wire.requests

    @property
    def rates(self) -> dict[str, RateLimit]:
        """Primary limits as last seen in a reply, by resource (``graphql``, ``core``)."""
        return dict(self.wire.rates)

    def trust_clock(self) -> None:
        """Raise :class:`~migrator.errors.ClockWrong` if the last reply came from another time than
        this machine is in.

        Nothing else that we decide by dates would be true: a grace would end on another day than
        its notice says.
        """
        ahead = self.wire.clock_ahead or 0.0
        if abs(ahead) > CLOCK_TOLERANCE:
            raise ClockWrong(ahead)

    async def is_sandbox(self) -> bool:
        """Whether the address is a sandbox: it is on this machine and says so itself. Anything
        else is the real thing."""
        if not self.wire.where.is_loopback:
            return False
        try:
            reply = await self.wire.fetch(f"{self.wire.where.web}/_sandbox/health")
            body = msgspec.json.decode(reply.content)
        except (ServerUnavailable, msgspec.DecodeError):
            return False
        return isinstance(body, dict) and body.get("sandbox") is True

    async def complete_threads(
        self, items: Sequence[Item], until: Callable[[Item], bool], *, pages: int = DEEPEST
    ) -> list[Item]:
        """Items read back until ``until`` holds or their thread is whole, 50 threads a request;
        see :mod:`.threads`."""
        return await complete_threads(self.wire, items, until, pages=pages)

    async def read_thread_back(self, item: Item, until: Callable[[Item], bool]) -> Item:
        """One item, read back in the same way. Raises ``IncompleteReply`` if GitHub does not show
        what came before, where the other leaves the item as it is."""
        return await read_thread_back(self.wire, item, until)


OPEN_ISSUE = mutation(
    "OpenIssue",
    "$repository: ID!, $title: String!, $body: String!",
    "open: createIssue(input: {repositoryId: $repository, title: $title, body: $body}) { issue { "
    "id number } }",
)


async def open_issue(
    github: GitHubClient, repository_id: str, title: str, body: str
) -> tuple[str, int]:
    """Open an issue; returns its node id and number. Never repeated: a probe that dies leaves at
    most one more issue.

    https://docs.github.com/graphql/reference/mutations#createissue
    """
    reply = await github.wire.write(
        OPEN_ISSUE, {"repository": repository_id, "title": title, "body": body}
    )
    payload = reply.at("open", "the new issue")
    if payload.get("issue") is None:
        raise OutcomeUnknown("createIssue: the reply is empty")
    return str(payload["issue"]["id"]), int(payload["issue"]["number"])
