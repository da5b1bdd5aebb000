"""Who would be mailed by a plan, and how much: a plan's items and what the scan knows of people
and watchers."""

from __future__ import annotations

from msgspec.structs import replace

from migrator.domain.items import MAINTAINER_ASSOCIATIONS, State
from migrator.domain.planning.mail_forecast import MAILS, MailForecast, forecast_mails
from migrator.domain.protocol.send_window import days_needed
from migrator.execution.migration_state import MigrationState, known_repository
from migrator.execution.own_account import own_account


def mail_forecast(records: MigrationState, plan_hash: str) -> MailForecast:
    """Mails of a stored plan: participants by name, watchers by number, people with triage
    rights apart. Worked out once."""
    known = records.store.facts.get(plan_hash, MAILS, MailForecast)
    if known is None:
        known = _forecast(records, plan_hash)
        records.store.facts.keep(plan_hash, MAILS, known)
    return known


def _forecast(records: MigrationState, plan_hash: str) -> MailForecast:
    file = records.migration.file
    acting = records.store.plans.items(plan_hash, acting=True)
    triagers = {*file.migration.triagers, *_maintainers(records)}
    days = days_needed(acting, file.sending, exempt=triagers)
    found = forecast_mails(
        records.store.plans.items(plan_hash, acting=True),
        file.budget,
        watchers=_watchers(records),
        triagers=triagers,
        own_login=own_account(records).login,
    )
    return replace(found, days=days)


def _watchers(records: MigrationState) -> dict[str, int]:
    file = records.migration.file
    snapshots = records.store.snapshots
    known = {
        name: known_repository(snapshots, name) for name in (file.migration.source, *file.targets)
    }
    return {name: facts.watchers for name, facts in known.items() if facts is not None}


def _maintainers(records: MigrationState) -> set[str]:
    """Logins that GitHub calls owner, member or collaborator beside a comment: the nearest to
    triage rights that a scan sees."""
    return {
        comment.author.login
        for item in records.store.snapshots.stream(state=State.OPEN)
        for comment in item.comments
        if comment.author is not None and comment.association in MAINTAINER_ASSOCIATIONS
    }
