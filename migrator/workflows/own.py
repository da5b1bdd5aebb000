"""Which acts on GitHub are our own: the account that the last scan signed in as, and every nonce of the ledger."""

from __future__ import annotations

from migrator.domain.people import OwnActs
from migrator.github.replies import Account
from migrator.store import documents
from migrator.workflows.context import Context

ACCOUNT = "(account)"
"""Under this name the account stands among the repository facts; no repository can be called so."""


def own_acts(context: Context) -> OwnActs:
    """Our own acts as far as the database knows them; nothing before the first scan."""
    stored = context.store.snapshots.facts(ACCOUNT)
    nonces = context.store.ledger.nonces()
    if stored is None:
        return OwnActs(nonces=nonces)
    account = documents.read(stored, Account)
    return OwnActs(login=account.login, account_id=account.id, nonces=nonces)
