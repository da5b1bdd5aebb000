"""Can threads be transferred from the source to each target, and what is lost on the way?

https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.domain.planning.transfer_losses import AT_RISK, CHANGED, LostName, TransferLosses
from migrator.domain.rules import MigrationFile
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.checks.workflows import opened_workflows
from migrator.github.models import RepositoryFacts

NAMED = 10
"""Labels and milestones that a message names."""


def transfer_findings(
    file: MigrationFile,
    facts: Mapping[str, RepositoryFacts],
    losses: Mapping[str, TransferLosses],
) -> Iterator[CheckResult]:
    """What stands in the way of transfers, and what they cost; nothing for a file that transfers
    none. ``facts`` are of the repositories that could be read, by the names in the file; ``losses``
    are of the targets of which scanned threads are known."""
    if not file.decisions.transfers:
        return
    source = facts.get(file.migration.source)
    for name in file.targets:
        target = facts.get(name)
        if source is None or target is None:
            continue
        yield from _forbidden(source, target)
        yield from _bots(target)
        yield from _losses(losses.get(name), source, target)


def _forbidden(source: RepositoryFacts, target: RepositoryFacts) -> Iterator[CheckResult]:
    if source.private and not target.private:
        yield CheckResult(
            code="transfer.private",
            level=CheckLevel.ERROR,
            subject=target.name,
            message=f"{source.name} is private and {target.name} is public: GitHub transfers no "
            "issue that way",
            cure='make the target private, or set `decisions.active.act` to "redirect"',
        )
    elif target.private and not source.private:
        yield CheckResult(
            code="transfer.hidden",
            level=CheckLevel.WARNING,
            subject=target.name,
            message=f"{target.name} is private: who cannot read it loses sight of the thread",
            cure="make the target public first, or see that its people are the same",
        )


def _bots(target: RepositoryFacts) -> Iterator[CheckResult]:
    for path in opened_workflows(target.files):
        yield CheckResult(
            code="transfer.opened_workflow",
            level=CheckLevel.WARNING,
            subject=target.name,
            message=f"{path}: it runs on each new issue, and GitHub says of a transferred thread "
            "that it was opened",
            cure=f"{path}: have it pass over issues whose `github.event.changes.old_issue` is set, "
            "or disable it until the migration is done",
        )


def _losses(
    losses: TransferLosses | None, source: RepositoryFacts, target: RepositoryFacts
) -> Iterator[CheckResult]:
    labels, milestones = (
        _lost_labels(losses, source, target),
        _lost_milestones(losses, source, target),
    )
    if labels:
        yield CheckResult(
            code="transfer.labels_missing",
            level=CheckLevel.WARNING,
            subject=target.name,
            message=f"{target.name} lacks labels that threads carry, and they lose them: {labels}",
            cure="create those that you want to keep in the target before the plan is applied",
        )
    if milestones:
        yield CheckResult(
            code="transfer.milestones_missing",
            level=CheckLevel.WARNING,
            subject=target.name,
            message=f"{target.name} lacks milestones that threads are in: {milestones}",
            cure="create those that you want to keep, with the same title and due date",
        )
    if target.milestones is None:
        yield CheckResult(
            code="transfer.milestones_unknown",
            level=CheckLevel.WARNING,
            subject=target.name,
            message=f"the milestones of {target.name} could not all be read",
            cure="compare them by hand with those of the source",
        )
    yield CheckResult(
        code="transfer.changes",
        level=CheckLevel.INFO,
        subject=target.name,
        message=f"a transfer to {target.name} changes {'; '.join(CHANGED)}. At risk: "
        f"{'; '.join(AT_RISK)}",
    )


def _lost_labels(
    losses: TransferLosses | None, source: RepositoryFacts, target: RepositoryFacts
) -> str:
    """Which labels are lost: of the scanned threads, else of all that the source has."""
    if losses is not None:
        return _counted(losses.labels)
    return _listed([one.name for one in source.labels if target.label(one.name) is None])


def _lost_milestones(
    losses: TransferLosses | None, source: RepositoryFacts, target: RepositoryFacts
) -> str:
    if losses is not None:
        return _counted(losses.milestones)
    known = target.milestones
    return _listed(
        [one for one in source.milestones or () if known is not None and one not in known]
    )


def _counted(lost: tuple[LostName, ...]) -> str:
    return _listed([f"{one.name} ({one.threads})" for one in lost])


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
