"""Which acts on GitHub are our own: the account that the last scan signed in as, nonces and
reopenings of the ledger."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.domain.people import BotIdentity
from migrator.execution.migration_state import MigrationState
from migrator.github.models import Account
from migrator.store import json_columns

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


def signed_in_as(records: MigrationState, viewer: Account) -> BotIdentity:
    """Our own acts, where ``viewer`` is the account that acts now. What was done with another one
    before stays ours."""
    known = bot_identity(records)
    former = known.former | ({known.account_id} - {viewer.id, ""})
    return replace(known, login=viewer.login, account_id=viewer.id, former=former)


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
