"""Holds the lease of an installation while a step acts: one worker acts at a time, and one that was
asleep stops by itself.

A lease that was not renewed in time may be another worker's already. So a holder that cannot say,
by its own clock, that its last renewal is fresh does not write any more, even before the database
tells it so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from migrator.errors import DatabaseError
from migrator.store.database import OUTAGES
from migrator.store.leases import Lease, LeaseLost, Leases

RENEWALS = 4
"""How often a lease is renewed within the time that it holds."""


class HeldLease:
    """A lease that is being held. ``fencing`` goes into every line of the ledger that is written
    under it."""

    def __init__(
        self, leases: Leases, lease: Lease, holds: timedelta, monotonic: Callable[[], float]
    ) -> None:
        self._leases = leases
        self._lease = lease
        self._holds = holds
        self._monotonic = monotonic
        self._renewed = monotonic()
        self._lost = False

    @property
    def fencing(self) -> int:
        """Grows with each change of holder."""
        return self._lease.fencing

    def guard(self) -> None:
        """Raise :class:`LeaseLost` unless the lease is surely still ours for as long as a
        request takes to leave."""
        fresh = self._holds.total_seconds() * (1 - 1 / RENEWALS)
        if self._lost or self._monotonic() - self._renewed > fresh:
            raise LeaseLost(
                f"the lease for {self._lease.installation} was not renewed in time; another "
                "worker may act now"
            )

    async def keep(self) -> None:
        """Renew the lease until cancelled. What cannot be renewed is lost."""
        while True:
            await asyncio.sleep(self._holds.total_seconds() / RENEWALS)
            asked = self._monotonic()
            try:
                await asyncio.to_thread(self._leases.renew, self._lease, self._holds)
            except LeaseLost:
                self._lost = True
                return
            except (DatabaseError, *OUTAGES):  # not renewed; ``guard`` counts the time
                continue
            self._renewed = asked


@asynccontextmanager
async def hold_lease(
    leases: Leases,
    installation: str,
    holder: str,
    *,
    holds: timedelta,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[HeldLease | None]:
    """Hold the lease for the length of the block; ``None`` if another worker has it."""
    lease = await asyncio.to_thread(leases.acquire, installation, holder, holds)
    if lease is None:
        yield None
        return
    held = HeldLease(leases, lease, holds, monotonic)
    keeper = asyncio.create_task(held.keep())
    try:
        yield held
    finally:
        keeper.cancel()
        await asyncio.to_thread(leases.release, lease)
