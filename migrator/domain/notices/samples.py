"""Made-up items on which templates are tried out before a plan is made: plain, hostile, and as
long as GitHub allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from migrator.domain.decisions import Decided, Decision
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Actor, Frozen, Item, ItemKind, Pull
from migrator.domain.rules import MigrationFile, Part

NOW: Final = datetime(2021, 7, 1, 12, tzinfo=UTC)
_THEN: Final = datetime(2020, 2, 29, 23, 59, 59, tzinfo=UTC)


class SampleItem(Frozen, frozen=True, kw_only=True):
    """One item with everything that a notice is made of."""

    item: Item
    decided: Decided
    ownership: OwnershipVerdict
    activity: ActivityVerdict


def samples(file: MigrationFile, decision: str) -> Iterator[SampleItem]:
    """Every combination that a template must be able to render for ``decision``, for each part."""
    for part in file.parts:
        for item in _items(file, part, decision):
            for closes, grace in _acts(decision):
                activity = _activity(stale=closes)
                decided = Decided(
                    decision=Decision(decision),
                    code="stale" if closes else "active",
                    message="a sample",
                    deciding=activity.deciding,
                    part=part.name,
                    closes=closes,
                    grace_days=grace,
                    label="migrated",
                )
                yield SampleItem(
                    item=item, decided=decided, ownership=_ownership(part), activity=activity
                )


def _acts(decision: str) -> list[tuple[bool, int]]:
    if decision in ("redirect", "transfer"):
        return [(False, 0)]
    if decision == "ask":
        return [(True, 14)]
    return [(True, 0), (True, 14)] + ([(False, 0)] if decision in ("welcome", "port") else [])


def _items(file: MigrationFile, part: Part, decision: str) -> list[Item]:
    repository = part.target if decision == "clear" else file.migration.source
    path = part.paths[0].old
    pull = Pull(base_ref="master", head_ref="fix", changed_paths=(path,), changed_paths_total=1)
    title, body = (
        "A <b>sample</b> [title](https://example.com) @nobody #1 `x`",
        "```\n" + "é" * 65_000,
    )
    items = [
        _item(repository, ItemKind.PULL_REQUEST, pull=pull, title="A sample", body=""),
        _item(repository, ItemKind.ISSUE, title="A sample", body="It fails.", author="octocat"),
        _item(repository, ItemKind.ISSUE, title=title, body=body, author="octocat"),
    ]
    if decision in ("transfer", "ask"):  # of issues only
        return items[1:]
    return items[:1] if decision == "port" else items


def _item(
    repository: str,
    kind: ItemKind,
    *,
    title: str,
    body: str,
    author: str = "",
    pull: Pull | None = None,
) -> Item:
    page = "pull" if pull else "issues"
    return Item(
        repository=repository,
        number=1,
        kind=kind,
        url=f"https://github.com/{repository}/{page}/1",
        title=title,
        body=body,
        author=Actor(login=author) if author else None,
        created_at=_THEN,
        updated_at=_THEN,
        pull=pull,
    )


def _ownership(part: Part) -> OwnershipVerdict:
    label = Evidence(signal="label.ours", says=Leaning.OURS, value="a label", weight=4.0)
    return OwnershipVerdict(
        answer=Ownership.OURS,
        probability=0.99,
        grounds=Grounds.LABEL,
        part=part.name,
        evidence=(label,),
    )


def _activity(*, stale: bool) -> ActivityVerdict:
    says = Leaning.STALE if stale else Leaning.ACTIVE
    deciding = Evidence(signal="clock", says=says, value="commented", actor="octocat", at=_THEN)
    return ActivityVerdict(
        answer=Activity.STALE if stale else Activity.ACTIVE, clock=_THEN, deciding=deciding
    )
