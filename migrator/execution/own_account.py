"""Which acts on GitHub are our own: the account that the last scan signed in as, nonces and
reopenings of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.domain.people import BotIdentity
from migrator.execution.migration_state import MigrationState
from migrator.github.models import Account
from migrator.store import json_columns
from migrator.store.item_histories import ItemHistories

ACCOUNT = "(account)"
"""Under this name the account stands among the repository facts; no repository can be called so."""
FORMER = "(former accounts)"
"""Under this name those stand that were used before it."""


class _Former(Frozen, frozen=True):
    accounts: tuple[Account, ...] = ()


def bot_identity(records: MigrationState) -> BotIdentity:
    """Our own acts as far as the database knows them; nothing before the first scan. Reads every
    entry of the ledger."""
    histories = records.store.histories
    return replace(own_account(records), nonces=histories.nonces(), reopens=histories.reopens())


def own_account(records: MigrationState) -> BotIdentity:
    """The account of :func:`bot_identity` alone, for who does not ask what was done with it."""
    stored = records.store.snapshots.facts(ACCOUNT)
    if stored is None:
        return BotIdentity()
    account = json_columns.read(stored, Account)
    former = frozenset(one.id for one in _former(records) if one.id)
    return BotIdentity(login=account.login, account_id=account.id, former=former)


def signed_in_as(
    records: MigrationState, viewer: Account, *, for_one_item: bool = False
) -> BotIdentity:
    """Our own acts, where ``viewer`` is the account that acts now. What was done with another one
    before stays ours. With ``for_one_item`` a nonce is looked up when it is met: an item holds a
    few, the ledger may hold tens of thousands."""
    histories, known = records.store.histories, own_account(records)
    return replace(
        known,
        login=viewer.login,
        account_id=viewer.id,
        former=known.former | ({known.account_id} - {viewer.id, ""}),
        nonces=LedgerNonces(histories) if for_one_item else histories.nonces(),
        reopens=histories.reopens(),
    )


class LedgerNonces(Set[str]):
    """The nonces of the ledger, each looked up when it is asked for."""

    def __init__(self, histories: ItemHistories) -> None:
        self._histories = histories

    def __contains__(self, nonce: object) -> bool:
        return isinstance(nonce, str) and self._histories.has_nonce(nonce)

    def __iter__(self) -> Iterator[str]:
        return iter(self._histories.nonces())

    def __len__(self) -> int:
        return len(self._histories.nonces())

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        """What ``&`` and its like return."""
        return frozenset(it)


def note_account(records: MigrationState, viewer: Account, at: datetime) -> None:
    """Store as whom we act now, and as whom we did before."""
    snapshots, former = records.store.snapshots, _former(records)
    stored = snapshots.facts(ACCOUNT)
    before = json_columns.read(stored, Account) if stored is not None else viewer
    if before.id != viewer.id and before.id not in {one.id for one in former}:
        snapshots.save_facts(FORMER, json_columns.write(_Former(accounts=(*former, before))), at)
    snapshots.save_facts(ACCOUNT, json_columns.write(viewer), at)


def _former(records: MigrationState) -> tuple[Account, ...]:
    stored = records.store.snapshots.facts(FORMER)
    return json_columns.read(stored, _Former).accounts if stored is not None else ()
