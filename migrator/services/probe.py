"""``probe``: finds out on a scratch repository whether GitHub behaves as we assume, and records
what it saw.

It opens two issues there, writes on them what a migration writes, and closes them; with a second
scratch repository three more, of which it transfers two. Nothing else is touched.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import datetime, timedelta

import msgspec

from migrator.domain.assumptions import ASSUMPTIONS, PROBED, TRANSFERS_PROBED
from migrator.domain.items import EventKind, Frozen, Item, ItemKind, State
from migrator.errors import GitHubError, PlanRefused, UsageError
from migrator.execution.context import Context
from migrator.github.client import GitHubClient, open_issue
from migrator.github.models import RepositoryFacts
from migrator.github.mutations import MutationStep
from migrator.services.probe_transfers import TransferProbe
from migrator.store.audit import AuditEvent

MOST_OPEN = 200
"""A repository with more open items than this is no one's scratch repository."""
GOOD_FOR = timedelta(days=30)
"""How long what a probe saw is believed."""
PROBED_VERB, WAIVED_VERB = "probe", "waive-probe"
NO_LABEL = "LA_of_no_label"


class Seen(Frozen, frozen=True, kw_only=True):
    """What became of one assumption. ``what`` is a sentence for people; a ``question`` always
    holds, and ``what`` is its answer."""

    code: str
    holds: bool
    what: str
    question: bool = False


class Probed(Frozen, frozen=True, kw_only=True):
    """One probe of one GitHub. ``address`` is its base URL, ``issues`` the numbers that it
    leaves behind, closed; ``transferred`` the ``owner/name#number`` of those about transfers."""

    repository: str
    address: str
    at: datetime
    seen: tuple[Seen, ...]
    issues: tuple[int, ...] = ()
    transferred: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Seen, ...]:
        """Beliefs that do not hold."""
        return tuple(one for one in self.seen if not one.holds)


async def probe(
    context: Context,
    repository: str,
    *,
    by: str,
    door: str = "command line",
    transfer_to: str = "",
) -> Probed:
    """Probe the GitHub of this migration on ``repository`` (``owner/name``), and record what was
    seen. With ``transfer_to``, a second one of the same owner, transfers are probed, too.

    Raises :class:`UsageError` for a repository of the migration or one that is in use, for two of
    different owners, and what GitHub raises.
    """
    _refuse_ours(context, repository, transfer_to)
    github = context.open_github(repository)
    transferred: tuple[str, ...] = ()
    try:
        facts = await github.repository(repository)
        _refuse_used(facts)
        target = await github.repository(transfer_to) if transfer_to else None
        if target is not None:
            _refuse_used(target)
        seen, issues = await Probe(github, facts, context.settings.read_lag_seconds).run()
        if target is not None:
            more, transferred = await _transfers(github, facts, target)
            seen = (*seen, *more)
    finally:
        await github.aclose()
    probed = Probed(
        repository=repository,
        address=context.settings.github_url,
        at=context.clock(),
        seen=seen,
        issues=issues,
        transferred=transferred,
    )
    event = AuditEvent(
        at=probed.at,
        who=by,
        door=door,
        verb=PROBED_VERB,
        subject=probed.address,
        detail=msgspec.json.encode(probed).decode(),
    )
    context.store.audit.record(event)
    return probed


def _refuse_ours(context: Context, repository: str, second: str) -> None:
    file = context.migration.file
    ours = {name.casefold() for name in (file.migration.source, *file.targets)}
    for name in filter(None, (repository, second)):
        if name.casefold() in ours:
            raise UsageError(
                f"{name} is part of the migration", cure="give a scratch repository of your own"
            )
    if second and _owner(second) != _owner(repository):
        raise UsageError(
            f"{repository} and {second} have different owners",
            cure="give two scratch repositories of one owner: GitHub transfers no other way",
        )


def _owner(repository: str) -> str:
    return repository.partition("/")[0].casefold()


async def _transfers(
    github: GitHubClient, source: RepositoryFacts, target: RepositoryFacts
) -> tuple[tuple[Seen, ...], tuple[str, ...]]:
    """What was seen of transfers, and the names of the issues that were left behind, closed."""
    seen: list[Seen] = []
    questions = {one.code for one in ASSUMPTIONS if one.question}

    def note(code: str, holds: bool, what: str) -> None:
        seen.append(Seen(code=code, holds=holds, what=what, question=code in questions))

    walk = TransferProbe(github, source, target, note)
    await walk.run()
    return tuple(seen), tuple(str(ref) for ref in walk.left)


def _refuse_used(facts: RepositoryFacts) -> None:
    count = facts.open_issues + facts.open_pulls
    if count > MOST_OPEN:
        raise UsageError(
            f"{facts.name} has {count} open items: it is in use",
            cure="make an empty repository for this",
        )


def newest_probe(context: Context) -> Probed | None:
    """The latest probe of this migration's GitHub, ``None`` if there never was one."""
    events = context.store.audit.newest(200, subject=context.settings.github_url)
    found = next((event for event in events if event.verb == PROBED_VERB), None)
    return msgspec.json.decode(found.detail, type=Probed) if found else None


def waive_probe(context: Context, *, by: str, reason: str, door: str = "command line") -> None:
    """Record that a person goes on without a good probe, and why. Raises :class:`UsageError`
    without a reason."""
    if not reason.strip():
        raise UsageError(
            "a waiver needs a reason", cure="say why it is safe to go on without a probe"
        )
    event = AuditEvent(
        at=context.clock(),
        who=by,
        door=door,
        verb=WAIVED_VERB,
        subject=context.settings.github_url,
        detail=reason,
    )
    context.store.audit.record(event)


def require_probe(context: Context) -> None:
    """Raise :class:`PlanRefused` unless GitHub was probed of late and behaves as we assume, or a
    person waived that.

    For real addresses; on a sandbox there is nothing to find out. Either is good for
    :data:`GOOD_FOR`.
    """
    now = context.clock()
    events = context.store.audit.newest(200, subject=context.settings.github_url)
    if any(event.verb == WAIVED_VERB and now - event.at < GOOD_FOR for event in events):
        return
    probed = newest_probe(context)
    cure = (
        "run `migrator probe OWNER/SCRATCH` on a repository of your own, or give --waive-probe "
        "with a reason"
    )
    if probed is None or now - probed.at >= GOOD_FOR:
        raise PlanRefused(
            f"{context.settings.github_url} was not probed within {GOOD_FOR.days} days", cure=cure
        )
    needed = PROBED | (
        TRANSFERS_PROBED if context.migration.file.decisions.transfers else frozenset()
    )
    if probed.broken or not needed <= {one.code for one in probed.seen}:
        first = next(iter(probed.broken), None)
        raise PlanRefused(
            f"the last probe disproved this: {first.what if first else 'it is incomplete'}",
            cure=cure,
        )


class Probe:
    """One walk over the assumptions that can be tested by writing."""

    def __init__(self, github: GitHubClient, facts: RepositoryFacts, read_lag: float) -> None:
        self._github = github
        self._facts = facts
        self._read_lag = read_lag
        self._seen: list[Seen] = []
        self._mark = uuid.uuid4().hex

    async def run(self) -> tuple[tuple[Seen, ...], tuple[int, ...]]:
        """What was seen, and the numbers of the issues that were opened for it (they are closed
        again)."""
        first, second = [await self._open(name) for name in ("first", "second")]
        try:
            comment_id = await self._comment(first)
            await self._backlink(first, second)
            await self._reaction(second)
            await self._edit(first, comment_id)
            await self._close(first)
        finally:
            for issue_id, _ in (first, second):
                await self._github.label_and_close(issue_id, ItemKind.ISSUE)
        return tuple(self._seen), (first[1], second[1])

    def _note(self, code: str, holds: bool, what: str) -> None:
        self._seen.append(Seen(code=code, holds=holds, what=what))

    async def _open(self, name: str) -> tuple[str, int]:
        text = "Opened by `migrator probe` to find out how GitHub behaves. It closes by itself."
        return await open_issue(
            self._github, self._facts.id, f"Probe {self._mark[:8]}, {name}", text
        )

    async def _comment(self, issue: tuple[str, int]) -> str:
        mark = f"<!-- probe {self._mark} -->"
        reply = await self._github.add_comment(issue[0], f"What a notice looks like.\n\n{mark}")
        subject = reply.subject
        shown = (
            subject is not None
            and subject.state is State.OPEN
            and any(c.id == reply.comment.id for c in subject.comments)
        )
        self._note(
            "reply_shows_thread",
            shown,
            "the reply showed the thread" if shown else f"the reply showed {subject}",
        )
        began = time.monotonic()
        found = await self._find(issue[0], reply.comment.id)
        took = time.monotonic() - began
        soon = found is not None and took <= self._read_lag
        self._note(
            "write_is_soon_read",
            soon,
            f"read after {took:.1f} s" if found else f"not read within {took:.0f} s",
        )
        kept = found is not None and mark in found
        self._note(
            "marker_survives", kept, "the mark was kept" if kept else f"the comment reads {found!r}"
        )
        return reply.comment.id

    async def _find(self, issue_id: str, comment_id: str) -> str | None:
        """The comment's text as others read it, waited for twice as long as we assume it takes."""
        end = time.monotonic() + max(2 * self._read_lag, 1.0)
        while True:
            comments = await self._github.find_comments(issue_id)
            found = next((one.body for one in comments if one.id == comment_id), None)
            if found is not None or time.monotonic() > end:
                return found
            await asyncio.sleep(0.5)

    async def _settled(self, issue_id: str) -> Item:
        """The item once our last write can surely be read."""
        await asyncio.sleep(self._read_lag)
        return await self._github.item(issue_id)

    async def _backlink(self, first: tuple[str, int], second: tuple[str, int]) -> None:
        address = f"https://redirect.github.com/{self._facts.name}/issues/{second[1]}"
        await self._github.add_comment(first[0], f"A link that leaves no reference: {address}")
        item = await self._settled(second[0])
        left = [event for event in item.events if event.kind is EventKind.CROSS_REFERENCED]
        self._note(
            "no_backlink",
            not left,
            "no reference was left" if not left else "the link left a reference",
        )

    async def _reaction(self, issue: tuple[str, int]) -> None:
        before = await self._github.item(issue[0])
        await self._github.add_reaction(issue[0], "EYES")
        after = await self._settled(issue[0])
        same = before.updated_at == after.updated_at
        self._note(
            "reaction_moves_nothing",
            same,
            f"updated at {before.updated_at:%H:%M:%S}, then {after.updated_at:%H:%M:%S}",
        )

    async def _edit(self, issue: tuple[str, int], comment_id: str) -> None:
        before = next(
            one for one in await self._github.find_comments(issue[0]) if one.id == comment_id
        )
        edited = await self._github.update_comment(
            comment_id, f"Edited.\n\n<!-- probe {self._mark} -->"
        )
        same = edited.id == comment_id and edited.created_at == before.created_at
        self._note(
            "edit_keeps_comment",
            same,
            "id and date stayed" if same else f"id {edited.id}, written {edited.created_at}",
        )

    async def _close(self, issue: tuple[str, int]) -> None:
        reply = await self._github.label_and_close(issue[0], ItemKind.ISSUE, label_ids=(NO_LABEL,))
        went_on = reply.did(MutationStep.CLOSE) and MutationStep.LABEL in reply.errors
        self._note(
            "steps_in_order",
            went_on,
            f"done: {', '.join(reply.done)}; refused: {', '.join(reply.errors)}",
        )
        closed = await self._settled(issue[0])
        kept = closed.state is State.CLOSED and closed.state_reason.upper() == "NOT_PLANNED"
        self._note(
            "close_reason_kept", kept, f"{closed.state}, {closed.state_reason or 'no reason'}"
        )
        again = await self._github.label_and_close(issue[0], ItemKind.ISSUE)
        item = await self._settled(issue[0])
        closes = sum(event.kind is EventKind.CLOSED for event in item.events)
        self._note(
            "closing_twice_is_harmless",
            again.did(MutationStep.CLOSE) and closes == 1,
            f"{closes} closing events",
        )
        await self._reopen(issue)

    async def _reopen(self, issue: tuple[str, int]) -> None:
        try:
            reply = await self._github.reopen(issue[0], ItemKind.ISSUE)
        except GitHubError as error:
            self._note("reopen_works", False, str(error))
            return
        item = await self._settled(issue[0])
        works = reply.did(MutationStep.REOPEN) and item.state is State.OPEN
        self._note(
            "reopen_works",
            works,
            "it is open again" if works else f"it is {item.state}: {dict(reply.errors)}",
        )
