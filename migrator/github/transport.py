"""Requests over the network: counted, and never repeated behind the caller's back.

Reads may be asked again (:meth:`Wire.ask`), writes never (:meth:`Wire.write`).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import httpx

from migrator.domain.items import Frozen
from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    RequestRefused,
    ServerUnavailable,
)
from migrator.github import errors, http_messages
from migrator.github.api_version import VersionEnd, version_end
from migrator.github.connections import Connections
from migrator.github.http_messages import (
    Counted,
    Endpoints,
    GraphQLDocument,
    HttpReply,
    HttpRequest,
)
from migrator.github.models import Requests
from migrator.github.protocol import GraphQLReply, read_graphql
from migrator.github.rate_limit_headers import (
    LEAST_SECONDARY_WAIT,
    RateLimit,
    clock_ahead,
    rate_limit,
)
from migrator.github.tokens import Tokens

_departure: ContextVar[Callable[[], None] | None] = ContextVar("departure", default=None)


@contextmanager
def about_to_leave(check: Callable[[], None]) -> Iterator[None]:
    """Have ``check`` called when a write of this block is about to leave: token there, connection
    made, not a byte of it sent.

    What it raises comes out of the write, and nothing was sent. Only what happens within the same
    task is checked.
    """
    token = _departure.set(check)
    try:
        yield
    finally:
        _departure.reset(token)


class Observation(Frozen, frozen=True, kw_only=True):
    """One try, told to whoever watches. ``status`` is ``None`` where no reply came, ``seconds``
    the time it took."""

    name: str
    counted: Counted
    status: int | None = None
    seconds: float = 0.0
    rate: RateLimit | None = None
    error: GitHubError | None = None


class RetryPolicy(Frozen, frozen=True, kw_only=True):
    """How we behave towards GitHub. Times are in seconds.

    GitHub gives up on a request after 10 s
    (https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts): we wait
    longer, so that its answer, not our impatience, ends a request. ``patience`` is the longest
    limit wait that a read sits out by itself; a longer one is the caller's to plan.
    ``least_limit_wait`` is waited where a limit names no time.
    """

    concurrency: int = 10
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    total_timeout: float = 30.0
    read_attempts: int = 4
    first_delay: float = 1.0
    patience: float = 70.0
    least_limit_wait: float = LEAST_SECONDARY_WAIT


_Answer = TypeVar("_Answer")
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


class Transport:
    """Sends requests to one GitHub with one account's tokens."""

    def __init__(
        self,
        where: Endpoints,
        tokens: Tokens,
        *,
        retry_policy: RetryPolicy | None = None,
        on_response: Callable[[Observation], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.where = where
        self.retry_policy = retry_policy or RetryPolicy()
        self.rates: dict[str, RateLimit] = {}
        self.clock_ahead: float | None = None
        self.version_end: VersionEnd | None = None
        self._tokens = tokens
        self._on_response = on_response
        self._sleep = sleep
        self._now = now
        self._streak = 0
        self._lacking: frozenset[str] = frozenset()
        self._sent: Counter[Counted] = Counter()
        self._counting = threading.Lock()
        self.connections = Connections(
            at_once=self.retry_policy.concurrency,
            connect_timeout=self.retry_policy.connect_timeout,
            read_timeout=self.retry_policy.read_timeout,
            over_tls=where.graphql.startswith("https://"),
        )

    @property
    def requests(self) -> Requests:
        """How many requests were sent so far."""
        return Requests(**{kind.value: self._sent[kind] for kind in Counted})

    def count(self, counted: Counted, number: int = 1) -> None:
        """Add requests that went another way than through this wire."""
        with self._counting:
            self._sent[counted] += number

    async def renew(self, refusal: AuthenticationError) -> None:
        """Have a new token; raises ``refusal`` if there can be no other."""
        if not self._tokens.renews:
            raise refusal
        await self._tokens.token()

    async def ask(
        self,
        document: GraphQLDocument,
        variables: Mapping[str, Any],
        *,
        attempts: int | None = None,
        whole: bool = True,
    ) -> GraphQLReply:
        """Ask a query; asks again where that can help, at most ``attempts`` times in all (default
        ``read_attempts``).

        A reply that GitHub broke off raises :class:`~migrator.errors.IncompleteReply`, unless the
        caller looks after its parts (``whole`` false). Optional fields that this GitHub does not
        have are left out from then on.
        """
        request = http_messages.graphql_request(
            self.where, document, variables, without=self._lacking
        )
        read = self._read_whole if whole else self._read_graphql
        try:
            return await self._patiently(request, read, attempts or self.retry_policy.read_attempts)
        except RequestRefused as error:
            lacking = http_messages.lacking(error.cause) - self._lacking
            if not lacking:
                raise
            self._lacking |= lacking
        return await self.ask(document, variables, attempts=attempts, whole=whole)

    async def write(
        self,
        document: GraphQLDocument,
        variables: Mapping[str, Any],
        *,
        harmless_twice: bool = False,
    ) -> GraphQLReply:
        """Send a mutation exactly once. Raises :class:`~migrator.errors.OutcomeUnknown` where its
        fate cannot be told.

        Only what is ``harmless_twice`` is sent again by itself with a new token where the old one
        has run out: nothing was done then, but what must not be done late has to be looked at anew
        by the caller.
        """
        request = http_messages.graphql_request(self.where, document, variables)
        if harmless_twice:
            return await self._patiently(request, self._read_graphql, attempts=1)
        return await self._exchange(request, self._read_graphql)

    async def get(self, path: str, *, accept: frozenset[int] = frozenset()) -> HttpReply:
        """A REST read; replies with a status in ``accept`` are given back instead of raised,
        unless they refuse the account. Redirects are not followed."""
        request = http_messages.rest_request(self.where, "GET", path)
        return await self._patiently(
            request, self._accepting(accept), self.retry_policy.read_attempts
        )

    async def post(self, path: str, payload: Any = None) -> HttpReply:
        """A REST write, sent exactly once."""
        return await self._exchange(
            http_messages.rest_request(self.where, "POST", path, payload),
            self._accepting(frozenset()),
        )

    async def fetch(self, url: str) -> HttpReply:
        """Any web page, redirects followed: no credentials are sent, nothing is counted.

        Raises :class:`~migrator.errors.ServerUnavailable` if nothing answers.
        """
        request = HttpRequest(method="GET", url=url, counted=Counted.REST, name=url)
        headers = http_messages.headers_of(request, "")
        try:
            async with self.connections.pool().reader(url) as client:
                reply = await client.get(url, follow_redirects=True, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.lost(request, type(error).__name__, sent=True) from error
        return _reply(reply)

    async def visit(self, url: str) -> HttpReply:
        """Status and headers of any web page: as :meth:`fetch`, but redirects are not followed and
        no body is read, however long it is."""
        request = HttpRequest(method="GET", url=url, counted=Counted.REST, name=url)
        headers = http_messages.headers_of(request, "")
        try:
            async with (
                self.connections.pool().reader(url) as client,
                client.stream("GET", url, follow_redirects=False, headers=headers) as reply,
            ):
                return HttpReply(
                    status=reply.status_code,
                    headers={name.lower(): value for name, value in reply.headers.items()},
                    content=b"",
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.lost(request, type(error).__name__, sent=True) from error

    async def _patiently(
        self, request: HttpRequest, read: Callable[[HttpRequest, HttpReply], _Answer], attempts: int
    ) -> _Answer:
        """A read, asked again after a failure at the server, a short limit, or a token that ran
        out (that once)."""
        renewals = 1 if self._tokens.renews else 0
        for attempt in range(1, attempts + renewals + 1):
            try:
                return await self._exchange(request, read)
            except AuthenticationError:
                renewals -= 1
                if renewals < 0:
                    raise
            except (LimitExceeded, ServerUnavailable) as error:
                delay = self._delay(error, attempt)
                if attempt >= attempts or delay > self.retry_policy.patience:
                    raise
                await self._sleep(delay)
        raise AssertionError("unreachable")

    def _delay(self, error: GitHubError, attempt: int) -> float:
        return (
            error.wait
            if isinstance(error, LimitExceeded)
            else self.retry_policy.first_delay * 2.0 ** (attempt - 1)
        )

    def _read_graphql(self, request: HttpRequest, reply: HttpReply) -> GraphQLReply:
        return read_graphql(
            request,
            reply,
            now=self._now(),
            streak=self._streak,
            least=self.retry_policy.least_limit_wait,
        )

    def _read_whole(self, request: HttpRequest, reply: HttpReply) -> GraphQLReply:
        answer = self._read_graphql(request, reply)
        answer.require_whole()
        return answer

    def _accepting(self, statuses: frozenset[int]) -> Callable[[HttpRequest, HttpReply], HttpReply]:
        def read(request: HttpRequest, reply: HttpReply) -> HttpReply:
            error = errors.error_of(
                request,
                reply,
                now=self._now(),
                streak=self._streak,
                least=self.retry_policy.least_limit_wait,
            )
            refused = isinstance(error, AccountRefused)
            if error is not None and (refused or reply.status not in statuses):
                raise error
            return reply

        return read

    async def _exchange(
        self, request: HttpRequest, read: Callable[[HttpRequest, HttpReply], _Answer]
    ) -> _Answer:
        """One try: sent, counted, read, told."""
        token = await self._tokens.token()
        pool, reply, started = self.connections.pool(), None, time.monotonic()
        try:
            async with pool.place() as client:
                started, sent = time.monotonic(), self._now()
                self.count(request.counted)
                reply = await self._send(client, request, token)
                self._note(reply, sent)
            answer = read(request, reply)
        except GitHubError as error:
            if isinstance(error, AuthenticationError):
                self._tokens.forget(token)
            self._tell(request, reply, time.monotonic() - started, error)
            raise
        self._tell(request, reply, time.monotonic() - started, None)
        return answer

    def _note(self, reply: HttpReply, sent: float) -> None:
        """Remember what a reply says of GitHub's clock and of the version that we speak."""
        self.clock_ahead = clock_ahead(reply.headers, sent=sent, received=self._now())
        self.version_end = version_end(reply.headers) or self.version_end

    async def look_at_clock(self) -> None:
        """Compare the clocks where no other request was answered: :attr:`clock_ahead` is set.
        Sends no credentials.

        https://docs.github.com/rest/meta/meta#get-github-api-root
        """
        sent = self._now()
        self._note(await self.fetch(f"{self.where.rest}/"), sent)

    async def _send(self, client: httpx.AsyncClient, request: HttpRequest, token: str) -> HttpReply:
        headers, watch = (
            http_messages.headers_of(request, token),
            _watched() if request.writes else {},
        )
        try:
            async with asyncio.timeout(self.retry_policy.total_timeout):
                reply = await client.request(
                    request.method,
                    request.url,
                    content=request.content,
                    headers=headers,
                    extensions=watch,
                )
                return _reply(reply)
        except _NEVER_LEFT as error:
            raise errors.lost(request, type(error).__name__, sent=False) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise errors.lost(request, type(error).__name__, sent=True) from error

    def _tell(
        self,
        request: HttpRequest,
        reply: HttpReply | None,
        seconds: float,
        error: GitHubError | None,
    ) -> None:
        """Remember what the reply says of limits, and tell whoever watches."""
        rate = rate_limit(reply.headers) if reply is not None else None
        if rate is not None:
            self.rates[rate.resource] = rate
        if isinstance(error, LimitExceeded):
            self._streak += 1
        elif reply is not None and error is None:
            self._streak = 0
        if self._on_response is not None:
            status = reply.status if reply is not None else None
            seen = Observation(
                name=request.name,
                counted=request.counted,
                status=status,
                seconds=seconds,
                rate=rate,
                error=error,
            )
            self._on_response(seen)


def _watched() -> dict[str, Any]:
    """Extensions of a request that is asked, before its first byte leaves, whether it still may."""
    check = _departure.get()
    if check is None:
        return {}

    async def trace(event: str, _details: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            check()

    return {"trace": trace}


def _reply(reply: httpx.Response) -> HttpReply:
    return HttpReply(
        status=reply.status_code,
        headers={name.lower(): value for name, value in reply.headers.items()},
        content=reply.content,
    )
