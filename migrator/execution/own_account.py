"""Which acts on GitHub are our own: the account that the last scan signed in as, nonces and
reopenings of the ledger."""

from __future__ import annotations

from msgspec.structs import replace

from migrator.domain.people import BotIdentity
from migrator.execution.migration_state import MigrationState
from migrator.github.models import Account
from migrator.store import json_columns

ACCOUNT = "(account)"
"""Under this name the account stands among the repository facts; no repository can be called so."""


def bot_identity(records: MigrationState) -> BotIdentity:
    """Our own acts as far as the database knows them; nothing before the first scan."""
    stored = records.store.snapshots.facts(ACCOUNT)
    ledger = records.store.ledger
    known = BotIdentity(nonces=ledger.nonces(), reopens=ledger.reopens())
    if stored is None:
        return known
    account = json_columns.read(stored, Account)
    return replace(known, login=account.login, account_id=account.id)
