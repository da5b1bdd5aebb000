"""Works on stored deliveries: takes unfinished ones in batches, looks after each item that they
tell of once, and finishes them.

The table is the queue: a delivery is finished when the work that it asked for is done, and whatever
a process leaves behind when it dies is taken up by the next. Nothing depends on the order, so many
deliveries about one item are one look at it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from migrator.domain.items import Frozen
from migrator.domain.webhooks import Happened, UnreadablePayload, read
from migrator.domain.webhooks.triggers import Trigger, TriggerScope, triggers_of_event
from migrator.errors import (
    EVERYBODYS,
    AccountRefused,
    AuthenticationError,
    ClockWrong,
    ComputeUnavailable,
    GitHubError,
    IncompleteReply,
    LimitExceeded,
    MigratorError,
    PermissionDenied,
    RepositoryReplaced,
    ServerUnavailable,
)
from migrator.github.refusals import account_wide, concerns_account
from migrator.listener.item_context import Deferred
from migrator.store.database import OUTAGES
from migrator.store.deliveries import Deliveries, Delivery
from migrator.store.leases import LeaseLost
from migrator.store.ledger import Overtaken

log = structlog.get_logger(__name__)

BATCH: Final = 200
POLL: Final = 1.0
"""Seconds between two looks at the table where nobody calls ``wake``: another process may have
stored something."""
SELDOM: Final = 15.0
"""The same where somebody does (see :mod:`migrator.store.wake_ups`)."""
UNAVAILABLE_WAIT: Final = 15.0
AUTHENTICATION_WAIT: Final = 60.0
ACCOUNT_WAIT: Final = 20.0
"""Seconds until the next try when GitHub does not answer, or refuses our credentials."""
FINISH_TOGETHER: Final = 50
FINISH_WITHIN: Final = 1.0
"""Deliveries whose ends are written in one transaction, and seconds until they are at the latest.
If the process dies first, their items are looked at once more, which changes nothing."""
MOST_PATIENCE: Final = timedelta(minutes=10)
"""Longest wait before the work on a delivery that failed is tried again."""


class HandlesItems(Protocol):
    """Whoever looks after items (see ``following.follower``)."""

    @property
    def scope(self) -> TriggerScope:
        """Which repositories are of interest."""
        ...

    def note_repository(self, repository: str, repository_id: str) -> None:
        """Take in under which id a webhook names a repository."""
        ...

    async def handle(
        self, repository: str, number: int, triggers: frozenset[Trigger]
    ) -> str | Deferred:
        """Do what an item's state calls for; returns what came of it."""
        ...


Ended = Callable[[str, float], None]
"""Told how the work on a delivery ended (``done``, ``ignored``, ``unreadable``, ``failed``) and
seconds since its arrival."""


Held = Callable[[str, datetime | None], None]
"""Told why and until when all deliveries are held; with an empty word when they go on."""


class Job(Frozen, frozen=True, kw_only=True):
    """What some deliveries ask for on one item."""

    repository: str
    number: int
    triggers: frozenset[Trigger]
    deliveries: tuple[Delivery, ...]

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"


class Dispatcher:
    """Works on deliveries until it is stopped. It runs on one event loop; ``wake`` and ``stop``
    may be called from anywhere."""

    def __init__(
        self,
        deliveries: Deliveries,
        follower: HandlesItems,
        clock: Callable[[], datetime],
        *,
        ended: Ended = lambda _outcome, _lag: None,
        held: Held = lambda _why, _until: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        poll: float = POLL,
    ) -> None:
        self._deliveries = deliveries
        self._follower = follower
        self._clock = clock
        self._ended = ended
        self._held = held
        self._sleep = sleep
        self._poll = poll
        self._later: dict[str, datetime] = {}
        self._done: list[tuple[Delivery, str]] = []
        self._finished_at = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._stopped = False

    def wake(self) -> None:
        """Say that something was stored."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self) -> None:
        """Stop after the item at work; the rest stays stored."""
        self._stopped = True
        self.wake()

    async def run(self) -> None:
        """Work until stopped. Raises ``LeaseLost`` if another worker has taken over."""
        self._loop = asyncio.get_running_loop()
        while not self._stopped:
            self._woken.clear()
            if not await self.work_once():
                await self._rest()

    async def _rest(self) -> None:
        try:
            # what failed is tried again at a time of its own, for which nobody wakes us
            poll = min(POLL, self._poll) if self._later else self._poll
            await asyncio.wait_for(self._woken.wait(), poll)
        except TimeoutError:
            return

    async def drain(self) -> None:
        """Work until nothing is left that can be done now."""
        while await self.work_once():
            pass

    async def work_once(self) -> bool:
        """Work on one batch; says whether there was anything to do."""
        now = self._clock()
        self._later = {key: until for key, until in self._later.items() if until > now}
        batch = await asyncio.to_thread(self._deliveries.unfinished, BATCH, but=self._later)
        if not batch:
            return False
        try:
            for job in self._jobs(batch):
                if self._stopped:
                    break
                await self._do(job)
        except LimitExceeded as error:
            await self._hold("limited", error.wait, error)
        except ServerUnavailable as error:
            await self._hold("unavailable", UNAVAILABLE_WAIT, error)
        except AuthenticationError as error:
            await self._hold("unauthenticated", AUTHENTICATION_WAIT, error)
        except AccountRefused as error:
            await self._hold(error.why, ACCOUNT_WAIT, error)
        except ClockWrong as error:
            await self._hold("clock", AUTHENTICATION_WAIT, error)
        except RepositoryReplaced as error:
            await self._hold("replaced", AUTHENTICATION_WAIT, error)
        except ComputeUnavailable as error:
            await self._hold("no_process", UNAVAILABLE_WAIT, error)
        finally:
            self._finish()
        return True

    async def _hold(self, why: str, seconds: float, error: MigratorError) -> None:
        """GitHub or this machine asks for patience with everything, not with one delivery: nothing
        is counted as failed."""
        self._finish()
        log.warning("deliveries are held", why=why, seconds=seconds, error=str(error))
        self._held(why, self._clock() + timedelta(seconds=seconds))
        await self._sleep(seconds)
        self._held("", None)

    def _jobs(self, batch: Sequence[Delivery]) -> list[Job]:
        """What a batch asks for, by item, in the order of arrival; what asks for nothing is
        finished."""
        asked: dict[tuple[str, int], Job] = {}
        scope = self._follower.scope
        for delivery in batch:
            happened, problem = _read(delivery)
            happened = scope.by_known_name(happened) if happened else None
            triggers = triggers_of_event(happened, scope) if happened else frozenset()
            if happened is None or not triggers:
                self._done.append((delivery, problem or "ignored"))
                continue
            self._follower.note_repository(happened.repository, happened.repository_id)
            place = (happened.repository, happened.number)
            known = asked.get(place)
            asked[place] = Job(
                repository=happened.repository,
                number=happened.number,
                triggers=triggers | (known.triggers if known else frozenset()),
                deliveries=(*(known.deliveries if known else ()), delivery),
            )
        return list(asked.values())

    async def _do(self, job: Job) -> None:
        ids = [delivery.id for delivery in job.deliveries]
        with structlog.contextvars.bound_contextvars(item=job.key, deliveries=ids[:10]):
            try:
                result = await self._follower.handle(job.repository, job.number, job.triggers)
            except IncompleteReply as error:  # this item is not shown: no other has to wait
                self._fail(job, error)
                return
            except (*EVERYBODYS, LeaseLost):
                raise
            except PermissionDenied as error:
                if concerns_account(error):
                    raise account_wide(error) from error
                self._fail(job, error)
                return
            except Overtaken as error:
                result = Deferred(until=self._clock() + timedelta(seconds=POLL), why=str(error))
            except Exception as error:
                self._fail(job, error)
                return
            if isinstance(result, Deferred):
                log.info("delivery waits", until=result.until.isoformat(), why=result.why)
                self._later |= dict.fromkeys(ids, result.until)
                return
            log.info("delivery done", result=result, triggers=sorted(job.triggers))
        self._done += [(delivery, f"done: {result}") for delivery in job.deliveries]
        if (
            len(self._done) >= FINISH_TOGETHER
            or time.monotonic() - self._finished_at > FINISH_WITHIN
        ):
            self._finish()

    def _finish(self) -> None:
        """Write down which deliveries have ended since the last time."""
        results, self._done, self._finished_at = self._done, [], time.monotonic()
        if not results:
            return
        now = self._clock()
        self._deliveries.finish([(delivery.id, result) for delivery, result in results], now)
        for delivery, result in results:
            self._ended(
                result.partition(":")[0], max(0.0, (now - delivery.received_at).total_seconds())
            )

    def _fail(self, job: Job, error: Exception) -> None:
        """Count the failure and try again later, each time later; a person sees what fails for
        good."""
        now = self._clock()
        log.error(
            "delivery failed",
            error=f"{type(error).__name__}: {error}",
            exc_info=not isinstance(error, (GitHubError, *OUTAGES)),
        )
        for delivery in job.deliveries:
            patience = min(MOST_PATIENCE, timedelta(seconds=2.0**delivery.attempts))
            self._later[delivery.id] = now + patience
            if self._deliveries.fail(delivery.id, f"{type(error).__name__}: {error}", now):
                self._ended("failed", (now - delivery.received_at).total_seconds())


def _read(delivery: Delivery) -> tuple[Happened | None, str]:
    """What a delivery tells of, and what is wrong with it."""
    try:
        return read(delivery.event, delivery.payload), ""
    except UnreadablePayload as error:
        log.warning("delivery is unreadable", delivery=delivery.id, error=str(error))
        return None, f"unreadable: {error}"
