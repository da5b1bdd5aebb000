"""Asks GitHub what `migrator check` wants to know, and has it judged. Writes nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from migrator.domain.items import Item
from migrator.domain.planning.transfer_losses import TransferLosses, transfer_losses
from migrator.domain.rules import MigrationFile
from migrator.errors import (
    AccountRefused,
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    NotFound,
    PermissionDenied,
    ServerUnavailable,
)
from migrator.github.app import GitHubApp
from migrator.github.checks.account import (
    clock_findings,
    event_findings,
    refused_account,
    version_findings,
)
from migrator.github.checks.links import link_findings
from migrator.github.checks.queries import query_findings, refused, unanswered
from migrator.github.checks.repositories import (
    app_permission_findings,
    installation_findings,
    label_findings,
    labels_to_add,
    permission_findings,
    repository_findings,
    target_findings,
)
from migrator.github.checks.results import CheckLevel, CheckResult, worst_first
from migrator.github.checks.schema import schema_findings
from migrator.github.checks.transfers import transfer_findings
from migrator.github.checks.workflows import workflow_findings
from migrator.github.client import GitHubClient
from migrator.github.client_pool import ClientPool
from migrator.github.models import Permission, RepositoryFacts


class _Judged(NamedTuple):
    """What was found out about one repository; no facts where it could not be reached."""

    findings: list[CheckResult]
    facts: RepositoryFacts | None = None


async def github_findings(
    clients: ClientPool,
    file: MigrationFile,
    *,
    addresses: Iterable[str] = (),
    items: Callable[[], Iterable[Item]] | None = None,
) -> tuple[CheckResult, ...]:
    """Everything that GitHub has to say against this migration, worst first.

    ``addresses`` are the web addresses that the notices name; ``items`` gives the scanned items,
    for what transfers would lose. An App is judged by the permissions
    of its installations, an account by its role; each query is sent once. Refused credentials end
    the check at once: beside them only the clock is looked at, which may be the cause. Raises
    :class:`~migrator.errors.ServerUnavailable` and ``LimitExceeded``: then nothing was found out.
    """
    names = list(dict.fromkeys((file.migration.source, *file.targets)))
    credentials = "token" if clients.app is None else "app"
    client = clients.of(file.migration.source)
    try:
        login, about_us = await _account(clients, file.migration.source)
        judged = await asyncio.gather(
            *(_of_repository(clients, file, name, login) for name in names)
        )
    except AccountRefused as error:
        await _look_at_clock(client)
        clock = clock_findings(client.wire.clock_ahead, app=clients.app is not None)
        return worst_first((_refused(credentials, error), *clock))
    rehearsed = tuple(names) if await client.is_sandbox() else None
    facts = {name: one.facts for name, one in zip(names, judged, strict=True) if one.facts}
    transfers = transfer_findings(file, facts, _losses(file, facts, items))
    links = await link_findings(client.wire, addresses, rehearsed=rehearsed)
    known = CheckResult(
        code=f"{credentials}.account",
        level=CheckLevel.INFO,
        subject=login,
        message=f"acting as {login}",
    )
    schema = await schema_findings(client.wire)
    clock = clock_findings(client.wire.clock_ahead, app=clients.app is not None)
    version = version_findings(client.wire.version_end)
    of_repositories = (finding for one in judged for finding in one.findings)
    return worst_first(
        (known, *about_us, *clock, *version, *schema, *of_repositories, *transfers, *links)
    )


def _losses(
    file: MigrationFile,
    facts: Mapping[str, RepositoryFacts],
    items: Callable[[], Iterable[Item]] | None,
) -> dict[str, TransferLosses]:
    """What the open threads of the source would lose in each target; nothing without a scan."""
    if items is None or not file.decisions.transfers:
        return {}
    source = file.migration.source
    found: dict[str, TransferLosses] = {}
    for name in file.targets:
        if (target := facts.get(name)) is None:
            continue
        losses = transfer_losses(
            target.name,
            (item for item in items() if item.repository == source),
            labels=[label.name for label in target.labels],
            milestones=target.milestones,
        )
        if losses.threads:
            found[name] = losses
    return found


def _refused(credentials: str, error: AccountRefused) -> CheckResult:
    if not isinstance(error, AuthenticationError):
        return refused_account(error)
    return CheckResult(
        code=f"{credentials}.refused",
        level=CheckLevel.ERROR,
        message=f"GitHub refuses the {credentials}: {error}",
        cure=error.cure,
    )


async def _look_at_clock(client: GitHubClient) -> None:
    """Compare the clocks where nothing was answered yet; not knowing is no finding."""
    if client.wire.clock_ahead is None:
        with contextlib.suppress(GitHubError):
            await client.wire.look_at_clock()


async def _account(clients: ClientPool, repository: str) -> tuple[str, list[CheckResult]]:
    """As whom we act, and what an App lacks wherever it is installed."""
    if clients.app is None:
        return (await clients.of(repository).viewer()).login, []
    facts = await clients.app.facts()
    found = list(event_findings(facts.slug, facts.events))
    return facts.slug, [*found, *await _deliveries(clients.app, facts.slug)]


async def _deliveries(app: GitHubApp, slug: str) -> list[CheckResult]:
    """Whether GitHub lists the App's webhook deliveries, by which `serve` finds lost ones."""
    try:
        await app.deliveries(since=datetime.now(UTC), pages=1)
    except NotFound:
        return []  # an App without a webhook has none
    except AuthenticationError:
        raise
    except (LimitExceeded, ServerUnavailable) as error:
        return [unanswered("GET /app/hook/deliveries", slug, error)]
    except GitHubError as error:
        return [refused("GET /app/hook/deliveries", slug, error, optional=True)]
    return []


async def _of_repository(
    clients: ClientPool, file: MigrationFile, name: str, login: str
) -> _Judged:
    """Every finding about one repository; where it cannot be reached, that is the only one."""
    rights: Mapping[str, str] | None = None
    if clients.app is not None:
        installation = await clients.app.installation_of(name)
        lacking = list(installation_findings(name, installation))
        if installation is None or lacking:
            return _Judged(lacking)
        rights = installation.permissions
    client = clients.of(name)
    facts = await _facts(client, name)
    if isinstance(facts, CheckResult):
        return _Judged([facts])
    queries = await query_findings(client, facts.name, facts, login)
    return _Judged([*_judged(file, name, facts, rights), *queries], facts)


async def _facts(client: GitHubClient, name: str) -> RepositoryFacts | CheckResult:
    try:
        return await client.repository(name)
    except AuthenticationError:
        raise
    except AccountRefused as error:
        return refused_account(error, name)
    except (NotFound, PermissionDenied) as error:
        message = f"{name} does not exist, or the account cannot see it: {error}"
        cure = "fix the name in the migration file, or give the account access"
        return CheckResult(
            code="repository.missing",
            level=CheckLevel.ERROR,
            subject=name,
            message=message,
            cure=cure,
        )


def _judged(
    file: MigrationFile,
    name: str,
    facts: RepositoryFacts,
    rights: Mapping[str, str] | None,
) -> Iterator[CheckResult]:
    """Every judgement about one repository. ``rights`` are an App's permissions there, ``None``
    for an account."""
    role = needed_role(file, name)
    yield from repository_findings(name, facts)
    if rights is None:
        yield from permission_findings(name, facts, needed=role)
        yield from label_findings(
            file, name, facts, creates=facts.viewer_permission.allows(Permission.WRITE)
        )
    else:
        yield from app_permission_findings(name, rights, writes=writes_in(file, name))
        yield from label_findings(file, name, facts, creates=rights.get("issues") == "write")
    label = next(iter(sorted(labels_to_add(file, name))), "")
    yield from workflow_findings(name, facts.files, label)
    for part in file.parts:
        if part.target == name:
            yield from target_findings(part, facts)


def needed_role(file: MigrationFile, name: str) -> Permission:
    """The least role for what the migration does in a repository: transfers need write on both
    sides, closing and labelling need triage, a notice needs read.

    https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization
    """
    if file.decisions.transfers:
        return Permission.WRITE
    return (
        Permission.TRIAGE
        if writes_in(file, name) and not file.decisions.comment_only
        else Permission.READ
    )


def writes_in(file: MigrationFile, name: str) -> bool:
    """Whether the migration writes anything in a repository."""
    clears = file.decisions.clear.enabled and not file.decisions.comment_only
    into_targets = clears or file.decisions.transfers
    return name == file.migration.source or (name in file.targets and into_targets)
