"""What a notice's template may use: plain words only, everything from GitHub already harmless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import msgspec

from migrator.domain.classification.activity import prepare
from migrator.domain.decisions import Decided, Decision
from migrator.domain.evidence import ActivityVerdict, MaintainerReply, OwnershipVerdict
from migrator.domain.items import Frozen, Item
from migrator.domain.notices.facts import TargetFacts
from migrator.domain.notices.item_kind import Request, needs_few_words, request_of
from migrator.domain.notices.quoting import inline, item_link
from migrator.domain.notices.recipe import contributing_lines, recipe
from migrator.domain.notices.refile import refile
from migrator.domain.notices.why import act_words, next_step, why_ours, why_so
from migrator.domain.notices.wording import day, days, kind_words
from migrator.domain.rules import MigrationFile, Part


def offered(
    decision: str, part: Part, item: Item, *, closes: bool, waits: bool
) -> list[dict[str, str]]:
    """``[{"name": "/reopen", "does": "opens this issue again, ..."}]`` for one notice.

    ``closes`` says that the notice comes with a close, ``waits`` that a grace lies between the two.
    """
    kind = kind_words(item)
    lines = []
    asks = decision == Decision.ASK and waits
    if closes and waits:
        lines.append({"name": "/still-here", "does": f"keeps this {kind} open"})
    if asks:
        lines.append({"name": "/done", "does": f"closes this {kind} as completed"})
    elif closes:
        lines.append({"name": "/reopen", "does": f"reopens this {kind}, also after it is closed"})
    if decision != "clear":
        lines.append(
            {
                "name": f"/not-{part.name}",
                "does": f"says that this is not about {part.title}, and a maintainer looks at it",
            }
        )
    return lines


def human_way(file: MigrationFile, item: Item) -> str:
    """One sentence: what to do where no command is served. Only what is true anyway is said
    without a word in the file."""
    if item.locked:
        return f"People with triage rights in {item.repository} can change it."
    contact = file.notices.human_contact.strip().rstrip(".")
    if contact:
        return f"Please {contact}."
    return f"Please comment here: people with triage rights in {item.repository} can change it."


Context = dict[str, Any]
Reproduced = Callable[[], MaintainerReply | None]

_SUCCESSOR: Final = re.compile(
    r"([A-Za-z0-9-]+/[A-Za-z0-9._-]+)(?:#|/(?:issues|pull|discussions)/)(\d+)"
)


class LazyContext(Mapping[str, Any]):
    """A part of the context that is made when a template first asks for it; most notices need
    only a few."""

    def __init__(self, make: Callable[[], Context]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Context:
        return self._make()

    def __getitem__(self, name: str) -> Any:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class NoticeEdit(StrEnum):
    """Why a posted notice is replaced by another text. There is never a second comment."""

    UNDONE = "undone"
    YIELDED = "yielded"
    CLOSED = "closed"
    RESOLVED = "resolved"
    LANDED = "landed"
    COMPLETED = "completed"
    NOT_TRANSFERRED = "not_transferred"


class NoticeChange(Frozen, frozen=True, kw_only=True):
    """What happened since the notice was posted.

    ``actor`` is the login of who did it (empty if unknown), ``did`` what, as evidence says
    it (``reacted THUMBS_DOWN``; empty for the usual word);
    ``open`` is the item's state after it (a ``CLOSED`` edit always means closed); ``landing`` names
    the successor or the merged change, as ``owner/name#number`` or by its address. ``closes_after``
    is after how many days without a person's word an item is closed that goes on elsewhere; 0 if it
    stays open.
    """

    edit: NoticeEdit
    at: datetime
    actor: str = ""
    did: str = ""
    open: bool = True
    landing: str = ""
    closes_after: int = 0


class NoticeContext(Frozen, frozen=True, kw_only=True):
    """What stays the same for every notice of a migration. ``base`` is the web address of the
    GitHub server."""

    file: MigrationFile
    facts: dict[str, TargetFacts]
    commands_served: bool
    base: str = "https://github.com"


def notice_view(
    scene: NoticeContext,
    item: Item,
    decided: Decided,
    ownership: OwnershipVerdict,
    activity: ActivityVerdict,
    *,
    now: datetime,
) -> Context:
    """The variables of a first notice."""
    part = scene.file.part(decided.part)
    waits = decided.closes and decided.grace_days > 0
    return {
        **_common(
            scene,
            item,
            part,
            decided.decision,
            lambda: activity.reproduced,
            closes=decided.closes,
            waits=waits,
        ),
        "why": {
            "ownership": why_ours(ownership, part, item).text,
            "decision": " ".join(
                one.text for one in why_so(decided, activity, item, scene.file.activity)
            ),
            "next": "" if decided.closes else next_step(activity, decided),
        },
        "closes": decided.closes,
        "label": inline(decided.label),
        "grace": {
            "days": decided.grace_days if waits else 0,
            "words": days(decided.grace_days),
            "until": day(now + timedelta(days=decided.grace_days)),
        },
        "landing": _landing_link(activity.landing, scene.base),
    }


def edit_view(
    scene: NoticeContext, item: Item, part: Part, decision: str, change: NoticeChange
) -> Context:
    """The variables of a notice that replaces an earlier one."""
    closed = change.edit is NoticeEdit.CLOSED or not change.open
    return {
        **_common(
            scene,
            item,
            part,
            decision,
            lambda: reproduced_in(item, scene.file),
            closes=closed,
            waits=False,
        ),
        "change": {
            "day": day(change.at),
            "actor": inline(change.actor, 40),
            "did": act_words(change.did) or inline(change.did),
            "open": not closed,
            "closes_after": days(change.closes_after) if change.closes_after else "",
        },
        "landing": _landing_link(change.landing, scene.base),
    }


def _common(
    scene: NoticeContext,
    item: Item,
    part: Part,
    decision: str,
    reproduced: Reproduced,
    *,
    closes: bool,
    waits: bool,
) -> Context:
    file = scene.file
    facts = scene.facts.get(part.target, TargetFacts())
    promised = file.notices.promise_commands and scene.commands_served and not item.locked
    return {
        "decision": decision,
        "short": needs_few_words(item),
        "item": _item_view(item),
        "part": _part_view(part, scene.base),
        "migration": {
            "title": file.migration.title,
            "source": file.migration.source,
            "cutover": day(file.migration.cutover),
            "announcement": file.migration.announcement or "",
        },
        "refile": LazyContext(
            lambda: msgspec.structs.asdict(
                refile(item, part, facts, base=scene.base, reproduced=reproduced())
            )
        ),
        "commands": offered(decision, part, item, closes=closes, waits=waits) if promised else [],
        "contact": human_way(file, item),
        "port": LazyContext(lambda: recipe(item, part, base=scene.base)),
        "contributing": {
            "lines": contributing_lines(file.notices.contributing),
            "guide": file.notices.contributing.guide or "",
        },
    }


def reproduced_in(item: Item, file: MigrationFile) -> MaintainerReply | None:
    """The newest comment of a maintainer on the item that says that they reproduced it, read
    anew from its snapshot."""
    return prepare(file).facts(item).standing.reproduced


def _item_view(item: Item) -> Context:
    return {
        "kind": kind_words(item),
        "is_pull_request": item.is_pull_request,
        "asks_for": request_of(item).value,
        "reports_a_problem": not item.is_pull_request and request_of(item) is Request.OTHER,
        "number": item.number,
        "title": inline(item.title, 256),
        "author": inline(item.author.login, 40) if item.author else "",
        "opened": day(item.created_at),
        "repository": item.repository,
    }


def _part_view(part: Part, base: str) -> Context:
    return {
        "name": part.name,
        "title": part.title,
        "target": part.target,
        "target_address": f"{base}/{part.target}",
        "old_address": part.old_address,
        "new_address": part.new_address,
    }


def _landing_link(landing: str, base: str) -> str:
    """Markdown link, without a backlink, to a successor given as ``owner/name#number`` or as its
    address; empty without one."""
    found = _SUCCESSOR.search(landing)
    if found is None:
        return ""
    address = landing if "://" in landing else f"{base}/{found[1]}/issues/{found[2]}"
    return item_link(f"{found[1]} {found[2]}", address)
