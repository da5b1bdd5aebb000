"""Writes: intent into the ledger, one request, its outcome into the ledger.

If the process dies before the request, after it, or the reply never comes, the next look at the
ledger finds the intent and the core says what to look for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from migrator.domain.protocol.ledger import LIMITED, ActKind, Attempt, Phase
from migrator.domain.protocol.next_step import is_recent
from migrator.errors import (
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    OutcomeUnknown,
    ServerUnavailable,
)
from migrator.execution.item_state import ItemState
from migrator.github.transport import about_to_leave
from migrator.store.ledger import Ledger

log = structlog.get_logger(__name__)
Reply = TypeVar("Reply")


class SentTooLate(Exception):
    """So much time passed between intent and request that others may already look for it: it was
    not sent."""


class LedgerWriter:
    """Writes as one account, for whoever acts on items.

    ``prompt`` is the longest time between intent and request; ``struck`` hears of limits (seconds
    to wait), ``renew`` of refused credentials; ``guard`` raises if it is not ours to write any
    more; ``fencing`` is the number of the lease that lets us.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime],
        prompt: timedelta,
        on_rate_limit: Callable[[float], None],
        renew: Callable[[AuthenticationError], Awaitable[None]],
        guard: Callable[[], None],
        fencing: int,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._prompt = prompt
        self._on_rate_limit = on_rate_limit
        self._renew = renew
        self._guard = guard
        self._fencing = fencing

    def line(self, kind: ActKind, phase: Phase, data: dict[str, Any]) -> Attempt:
        """A line for the ledger, of now and under our lease."""
        return Attempt(act=kind, phase=phase, at=self._clock(), data=data, fencing=self._fencing)

    def note(self, task: ItemState, kind: ActKind, phase: Phase, data: dict[str, Any]) -> None:
        """Write one line about the item's entry into the ledger. Raises ``Overtaken`` if another
        process has this item."""
        task.recorded = self._ledger.append(task.recorded, [self.line(kind, phase, data)])
        if phase is not Phase.INTENDED:
            entry, code = task.recorded.entry, {"code": data["code"]} if "code" in data else {}
            log.info(
                "acted",
                item=entry.item_key,
                run=entry.run_id,
                act=kind.value,
                phase=phase.value,
                **code,
            )

    async def write(
        self,
        task: ItemState,
        kind: ActKind,
        announced: dict[str, Any],
        send: Callable[[], Awaitable[Reply]],
    ) -> Reply | None:
        """Intent, request, and what is known of its outcome. ``None``: it was refused, or nobody
        knows."""
        self._guard()
        intended = self._clock()
        self.note(task, kind, Phase.INTENDED, announced)
        try:
            with about_to_leave(self._departure(intended)):
                return await send()
        except SentTooLate as error:
            self.note(task, kind, Phase.ABSENT, {"reason": str(error), "unwritten": True})
        except OutcomeUnknown as error:
            self.note(task, kind, Phase.UNKNOWN, {"reason": str(error)})
        except LimitExceeded as error:  # that is an answer: nothing was written
            self._on_rate_limit(error.wait)
            self.note(
                task, kind, Phase.ABSENT, {"reason": str(error), "unwritten": True, LIMITED: True}
            )
            raise
        except (
            AuthenticationError
        ) as error:  # so is that: with a new token, if there is one, we begin anew
            self.note(task, kind, Phase.ABSENT, {"reason": str(error), "unwritten": True})
            await self._renew(error)
        except ServerUnavailable as error:
            self.note(task, kind, Phase.UNKNOWN, {"reason": str(error)})
        except GitHubError as error:
            self.note(task, kind, Phase.REFUSED, {"reason": str(error)})
        task.live = None
        return None

    def _departure(self, intended: datetime) -> Callable[[], None]:
        """What is asked when the request is about to leave, tokens fetched and connection made: is
        it still ours to send?

        A process may be stopped anywhere on the way there, and woken when others already look for
        what it announced.
        """

        def check() -> None:
            self._guard()
            if not is_recent(intended, self._clock(), self._prompt):
                raise SentTooLate("held up before it was sent")

        return check

    def note_failed(self, task: ItemState, kind: ActKind, error: GitHubError, reason: str) -> None:
        """Write down that the decisive step of an answered request was not done. Raises it if it
        is a limit."""
        task.live = None
        if isinstance(error, LimitExceeded):
            self._on_rate_limit(error.wait)
            self.note(
                task, kind, Phase.ABSENT, {"reason": str(error), "unwritten": True, LIMITED: True}
            )
            raise error
        lost = isinstance(error, OutcomeUnknown | ServerUnavailable)
        self.note(task, kind, Phase.UNKNOWN if lost else Phase.REFUSED, {"reason": reason})
