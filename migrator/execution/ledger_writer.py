"""Writes: intent into the ledger, one request, its outcome into the ledger.

If the process dies before the request, after it, or the reply never comes, the next look at the
ledger finds the intent and the core says what to look for.

The intent is committed before the request leaves. What came of it may be committed together with
the item's next line, as long as nothing is waited for in between: a process that dies there dies
right after the reply, which the ledger knows how to go on from. Lines of several items that come in
the same turn of the event loop share a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from migrator.domain.protocol.ledger import (
    Absent,
    ActKind,
    Attempt,
    Declined,
    Intended,
    LedgerLine,
    Unknown,
)
from migrator.domain.protocol.next_step import is_recent
from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    OutcomeUnknown,
    PermissionDenied,
    ServerUnavailable,
)
from migrator.execution.acting_account import ActingAccount, ActingRun
from migrator.execution.item_state import ItemState
from migrator.execution.person_blocks import is_blocked_by_person
from migrator.github.refusals import account_wide
from migrator.github.transport import about_to_leave
from migrator.store.ledger import Ledger, Recorded

log = structlog.get_logger(__name__)
Reply = TypeVar("Reply")


class SentTooLate(Exception):
    """So much time passed between intent and request that others may already look for it: it was
    not sent."""


class SharedCommits:
    """Commits lines of several items in one transaction: those that are handed in during one turn
    of the running event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: list[tuple[Recorded, Sequence[Attempt], asyncio.Future[None]]] = []

    async def append(self, recorded: Recorded, attempts: Sequence[Attempt]) -> None:
        """Append lines to an entry's history; returns when they are committed. Raises
        ``Overtaken`` as :meth:`Ledger.append` does."""
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit)
        self._waiting.append((recorded, attempts, committed))
        await committed

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            together = self._ledger.append_together([each[:2] for each in waiting])
        except Exception as error:
            for _, _, committed in waiting:
                _settle(committed, error)
            return
        for recorded, attempts, committed in waiting:
            _settle(committed, None if together else self._refusal(recorded, attempts))

    def _refusal(self, recorded: Recorded, attempts: Sequence[Attempt]) -> Exception | None:
        """Append the lines of one item alone; returns what speaks against them."""
        try:
            self._ledger.append(recorded, attempts)
        except Exception as error:
            return error
        return None


def _settle(committed: asyncio.Future[None], error: Exception | None) -> None:
    if committed.cancelled():
        return
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)


class LedgerWriter:
    """Writes as one account and for one run, for whoever acts on items.

    ``prompt`` is the longest time between intent and request.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: ActingAccount,
        run: ActingRun,
        *,
        clock: Callable[[], datetime],
        prompt: timedelta,
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._run = run
        self._clock = clock
        self._prompt = prompt
        self._commits = SharedCommits(ledger)

    def attempt(self, line: LedgerLine) -> Attempt:
        """A line for the ledger, of now and under our lease."""
        return Attempt(line=line, at=self._clock(), fencing=self._run.fencing)

    def note(self, state: ItemState, line: LedgerLine) -> None:
        """Write one line about the item's entry into the ledger, or keep it for :meth:`save` if the
        state ``holds`` lines. Raises ``Overtaken`` if another process has this item."""
        attempt = self.attempt(line)
        if state.holds:
            state.recorded = state.recorded.followed_by(attempt)
            state.unsaved += 1
        else:
            state.recorded = self._ledger.append(state.recorded, [attempt])
        if not isinstance(line, Intended):
            entry, code = state.recorded.entry, getattr(line, "code", None)
            log.info(
                "acted",
                item=entry.item_key,
                run=entry.run_id,
                act=attempt.act.value,
                phase=attempt.phase.value,
                **({} if code is None else {"code": code}),
            )

    async def save(self, state: ItemState) -> None:
        """Commit what was noted of the item and not committed yet. Raises ``Overtaken`` if another
        process has this item."""
        if not state.unsaved:
            return
        attempts, state.unsaved = state.recorded.attempts[-state.unsaved :], 0
        before = state.recorded.without(len(attempts))
        await self._commits.append(before, attempts)

    async def write(
        self, state: ItemState, intended: Intended, send: Callable[[], Awaitable[Reply]]
    ) -> Reply | None:
        """Intent, request, and what is known of its outcome. ``None``: it was refused, or nobody
        knows."""
        self._run.guard()
        kind, began = intended.act, self._clock()
        self.note(state, intended)
        await self.save(state)
        try:
            with about_to_leave(self._departure(began)):
                return await send()
        except SentTooLate as error:
            self.note(state, _unwritten(kind, error))
        except OutcomeUnknown as error:
            self.note(state, Unknown(act=kind, reason=str(error)))
        except LimitExceeded as error:  # that is an answer: nothing was written
            self._account.on_rate_limit(error.wait)
            self.note(state, _unwritten(kind, error, limited=True))
            raise
        except AuthenticationError as error:  # so is that: a new token, if any, begins anew
            self.note(state, _unwritten(kind, error))
            await self._account.github.renew(error)
        except (AccountRefused, PermissionDenied) as error:
            place = state.recorded.entry.ref.repository
            if not await is_blocked_by_person(self._account.github, place, error):
                self.note(state, _unwritten(kind, error))  # nobody's item is at fault
                raise account_wide(error) from error
            self.note(state, Declined(act=kind, reason=str(error), by_person=True))
        except ServerUnavailable as error:
            self.note(state, Unknown(act=kind, reason=str(error)))
        except GitHubError as error:
            self.note(state, Declined(act=kind, reason=str(error)))
        state.live = None
        return None

    def _departure(self, intended: datetime) -> Callable[[], None]:
        """What is asked when the request is about to leave, tokens fetched and connection made: is
        it still ours to send?

        A process may be stopped anywhere on the way there, and woken when others already look for
        what it announced.
        """

        def check() -> None:
            self._run.guard()
            if not is_recent(intended, self._clock(), self._prompt):
                raise SentTooLate("held up before it was sent")

        return check

    def note_failed(self, state: ItemState, kind: ActKind, error: GitHubError, reason: str) -> None:
        """Write down that the decisive step of an answered request was not done. Raises it if it
        is a limit or concerns the whole account."""
        state.live = None
        if isinstance(error, LimitExceeded):
            self._account.on_rate_limit(error.wait)
            self.note(state, _unwritten(kind, error, limited=True))
            raise error
        if isinstance(error, AccountRefused | PermissionDenied):
            self.note(state, _unwritten(kind, error))
            raise account_wide(error)
        lost = isinstance(error, OutcomeUnknown | ServerUnavailable)
        self.note(state, (Unknown if lost else Declined)(act=kind, reason=reason))


def _unwritten(kind: ActKind, error: Exception, *, limited: bool | None = None) -> Absent:
    """The line for a request of which we know for certain that it wrote nothing."""
    return Absent(act=kind, reason=str(error), unwritten=True, limited=limited)
