"""Sessions that were ended before their time, for every process that serves the dashboard.

A logout is an audited action, and the audit log is the one record of it: a cookie that was copied
is worth nothing once its session has logged out, in this process at once, in another one within
:data:`LOOK_EVERY` seconds, and after a restart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from migrator.services.audited_actions import AuditedActions, Principal
from migrator.store.database import OUTAGES
from migrator.web.auth.sessions import LONGEST, Session

LOG_OUT: Final = "log out"
END_ALL: Final = "end all sessions"
LOOK_EVERY: Final = 2.0
"""Seconds between two looks at the audit log."""


class EndedSessions:
    """Ends sessions, and knows which have ended. Safe to use from several threads."""

    def __init__(self, audited: AuditedActions, *, now: Callable[[], float] = time.time) -> None:
        self._audited, self._now = audited, now
        self._lock = threading.Lock()
        self._marks: frozenset[str] = frozenset()
        self._before: dict[str, float] = {}
        self._looked = -LOOK_EVERY

    def end(self, session: Session) -> None:
        """End one session. Raises what the database raises: then it goes on."""
        self._audited.record(
            Principal(login=session.login, auth_method=session.door), LOG_OUT, session.mark
        )
        self._look()

    def end_all(self, session: Session) -> None:
        """End every session of the same account that has begun so far."""
        doer = Principal(login=session.login, auth_method=session.door)
        self._audited.record(doer, END_ALL, _owner(session), f"begun before {self._now():.6f}")
        self._look()

    def has_ended(self, session: Session) -> bool:
        """Whether the session was ended, as far as this process has looked. Asks no database."""
        return session.mark in self._marks or session.began <= self._before.get(
            _owner(session), 0.0
        )

    def refresh(self) -> None:
        """Look at the audit log if that is long ago. While the database is unavailable, what was
        known stays."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            with suppress(*OUTAGES):
                self._look()

    def _look(self) -> None:
        context = self._audited.context
        with self._lock:
            self._looked = time.monotonic()
            deeds = context.store.audit.since(
                context.clock() - timedelta(seconds=LONGEST), (LOG_OUT, END_ALL)
            )
            self._marks = frozenset(deed.subject for deed in deeds if deed.verb == LOG_OUT)
            self._before = {
                deed.subject: float(deed.detail.rpartition(" ")[2])
                for deed in deeds
                if deed.verb == END_ALL
            }


def _owner(session: Session) -> str:
    """Whose session it is: the account where there is one."""
    return f"account {session.account}" if session.account else f"{session.door} {session.login}"
