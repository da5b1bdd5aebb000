"""Transferring an issue: what GitHub keeps, changes, loses and does late.

Documented: within one owner, by one who may write in both repositories, issues only, never from a
private repository to a public one; author, dates, comments, reactions, assignees and events are
kept; labels are kept where the target has one of that name, milestones where it has one of that
title and due date
(https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository).

Seen: number, node id and database id are new, and the old number is never used again; labels that
are created on the way pollute the target (https://github.com/dotnet/performance/issues/2809);
``opened`` and ``transferred`` are told with ``changes``
(https://github.com/octokit/webhooks/issues/508). The send is not idempotent: while the old place
still answers, a second send makes a second issue. What is not settled is a knob of
:class:`~migrator.sandbox.transfer_rules.TransferRules`.

A transfer is done at once as far as no knob says otherwise; :func:`settle` does the rest in time.
"""

from __future__ import annotations

import msgspec

from migrator.sandbox.acts.relations import INVERSE, Kind, relate, related, replace, unrelate
from migrator.sandbox.acts.states import record
from migrator.sandbox.entities import Comment, Item, Label, Reference, Repository, Transit
from migrator.sandbox.errors import Refused, forbidden
from migrator.sandbox.events import Mail
from migrator.sandbox.notifications import participants, watcher_count
from migrator.sandbox.references import people_named
from migrator.sandbox.rights import Agent, Level, require_level
from migrator.sandbox.world import World


def transfer_item(
    world: World, agent: Agent, item: Item, target: Repository, *, create_labels: bool = False
) -> Item:
    """Transfer an issue and return what it becomes; the old number leads there.

    Raises:
        Refused: 403 below write in either repository, an App that is not installed on both, an
            archived one, a pull request; 422 another owner, the same repository, private to
            public, issues are off there, a closed issue (a knob), one that can never be moved.
    """
    source = world.repository(item.repository)
    for repository in (source, target):
        require_level(agent, repository, Level.WRITE, "TransferIssue", item)
    _check(world, item, source, target)
    moved = _copied(world, item, source, target, create_labels=create_labels)
    with world.change(item):
        if item.moved_to is None:
            item.moved_to = moved.reference
            item.transit = Transit(old_until=moved.transit.old_until if moved.transit else 0)
            item.pinned = False
    world.add_item(moved)
    with world.change(moved) as sequence:
        record(world, agent, moved, "transferred", sequence, detail=item.repository)
    settle(world)
    _send_mails(world, agent, item, moved, sequence)
    world.count("transfer", item, agent.login)
    _announce(world, agent, item, moved)
    if world.bots:
        world.just_opened.append(moved)
    return moved


def _check(world: World, item: Item, source: Repository, target: Repository) -> None:
    """Refuse what GitHub does not transfer."""
    if item.is_pull:
        raise forbidden("Pull requests cannot be transferred")
    for wrong, words in (
        (
            target.owner.lower() != source.owner.lower(),
            "New repository must have the same owner as the current repository",
        ),
        (target is source, "New repository must be another than the current repository"),
        (
            source.private and not target.private,
            "Issues cannot be transferred from a private repository to a public one",
        ),
        (not target.has_issues, "New repository has issues disabled"),
        (
            item.state != "open" and world.transfers.closed == "refused",
            "Only open issues can be transferred",
        ),
        (world.transfers.refuses(item.key), "This issue can't be transferred"),
    ):
        if wrong:
            raise Refused(422, words, "UNPROCESSABLE")


def _copied(
    world: World, item: Item, source: Repository, target: Repository, *, create_labels: bool
) -> Item:
    """Return the issue as it will be there, without comments and relations: they follow."""
    rules, now = world.transfers, world.clock.seconds()
    moved = msgspec.json.decode(msgspec.json.encode(item), type=Item)
    moved.repository, moved.number, moved.id = target.name, world.next_number(target.name), 0
    moved.came_from, moved.moved_to = item.reference, None
    moved.comments, moved.parent = [], None
    moved.sub_issues, moved.blocked_by, moved.blocking = [], [], []
    moved.labels = _labels(world, item, source, target, create=create_labels)
    moved.milestone = _milestone(item, source, target)
    moved.pinned = item.pinned and "pin" in rules.keeps
    if "lock" not in rules.keeps:
        moved.locked, moved.lock_reason = False, None
    if "subscriptions" not in rules.keeps:
        moved.subscribers = []
    first_end = item.transit.old_until if item.transit is not None else 0
    moved.transit = Transit(
        old_until=first_end or now + rules.old_answers_seconds,
        new_from=now + rules.new_missing_seconds,
        comments_from=now + rules.comments_late_seconds,
        relations_from=now + rules.relations_late_seconds,
        hidden=rules.new_missing_seconds > 0,
    )
    return moved


def _labels(
    world: World, item: Item, source: Repository, target: Repository, *, create: bool
) -> list[str]:
    """Return the labels that the target has by that name, in any case; with ``create`` those that
    it lacks are made there."""
    kept: list[str] = []
    for name in item.labels:
        found = world.label(target, name)
        if found is None and create:
            like = world.label(source, name) or Label(name=name)
            found = world.add_label(target, msgspec.structs.replace(like, id=0))
            world.announce("label", "created", target.name, target.owner, label=found)
        if found is not None:
            kept.append(found.name)
    return kept


def _milestone(item: Item, source: Repository, target: Repository) -> str | None:
    """Return the milestone if the target has one of that title and due date."""
    title = item.milestone
    if title is None or title not in target.milestones:
        return None
    same_day = source.milestone_due.get(title) == target.milestone_due.get(title)
    return title if same_day else None


def _send_mails(world: World, agent: Agent, item: Item, moved: Item, sequence: int) -> None:
    """Record who is mailed of the transfer itself."""
    texts = [item.body, *(comment.body for comment in [*item.comments, *moved.comments])]
    mentioned = [
        account.login
        for login in dict.fromkeys(login for text in texts for login in people_named(text))
        if (account := world.account(login)) is not None and account.login != agent.login
    ]
    to = {
        "mentioned": mentioned,
        "participants": [*participants(world, item), *participants(world, moved), *mentioned],
        "nobody": [],
    }[world.transfers.mails]
    to = [login for login in dict.fromkeys(to) if login != agent.login]
    watchers = watcher_count(world.repository(moved.repository))
    if to:
        world.mails.append(
            Mail(
                sequence=sequence,
                act="transfer",
                item=moved.key,
                actor=agent.login,
                to=to,
                mentioned=mentioned,
                watchers=watchers if world.transfers.mails == "participants" else 0,
            )
        )


def _announce(world: World, agent: Agent, item: Item, moved: Item) -> None:
    """Tell both ends, in either order."""
    rules = world.transfers
    opened_first = rules.webhooks == "opened_first" or (
        rules.webhooks == "drawn" and rules.draws(0.5, "webhooks", item.key)
    )
    gap = rules.webhook_gap_seconds
    world.announce(
        "issues",
        "transferred",
        item.repository,
        agent.login,
        item,
        moved=moved,
        delay=gap if opened_first else 0,
    )
    world.announce(
        "issues",
        "opened",
        moved.repository,
        agent.login,
        moved,
        came_from=item,
        delay=0 if opened_first else gap,
    )


# -- what follows in time


def settle(world: World) -> None:
    """Do of every transfer what is due by the world's clock."""
    now = world.clock.seconds()
    for moved in list(world.in_flight.values()):
        _advance(world, moved, now)


def next_due(world: World) -> float | None:
    """Return in how many seconds of the world's clock something is due, or None."""
    times = [
        at
        for moved in world.in_flight.values()
        if moved.transit is not None
        for at in _times(moved.transit)
        if at
    ]
    return max(0.0, min(times) - world.clock.seconds()) if times else None


def _times(transit: Transit) -> tuple[float, ...]:
    return transit.old_until, transit.new_from, transit.comments_from, transit.relations_from


def _advance(world: World, moved: Item, now: float) -> None:
    transit, old = moved.transit, _old_place(world, moved)
    if transit is None or old is None:
        world.in_flight.pop(moved.id, None)
        return
    if transit.new_from and transit.new_from <= now:
        transit.new_from, transit.hidden = 0, False
    if transit.comments_from and transit.comments_from <= now:
        transit.comments_from = 0
        _carry_comments(world, old, moved, transit)
    if transit.relations_from and transit.relations_from <= now:
        transit.relations_from = 0
        _carry_relations(world, old, moved)
    if transit.old_until and transit.old_until <= now:
        transit.old_until, old.transit = 0, None
        if not transit.comments_from:
            _carry_comments(world, old, moved, transit)
    if not any(_times(transit)):
        _finish(world, old, moved)
    world.touch(moved)
    world.touch(old)


def _old_place(world: World, moved: Item) -> Item | None:
    came_from = moved.came_from
    if came_from is None:
        return None
    return world.threads.get(came_from.repository.lower(), {}).get(came_from.number)


def _carry_comments(world: World, old: Item, moved: Item, transit: Transit) -> None:
    """Let the comments arrive that have not yet, those made at the old place meanwhile too."""
    for comment in old.comments:
        if comment.id in transit.carried:
            continue
        transit.carried.append(comment.id)
        copy = msgspec.json.decode(msgspec.json.encode(comment), type=Comment)
        if world.transfers.comment_ids == "new":
            copy.id = 0
        moved.comments.append(copy)
        world.place_comment(moved, copy)
    moved.comments.sort(key=lambda comment: (comment.created_at, comment.id))


def _carry_relations(world: World, old: Item, moved: Item) -> None:
    """Let relations lead to the new place, or vanish: on both ends, without an event."""
    for kind in INVERSE:
        for reference in list(related(old, kind)):
            _carry_relation(world, old, moved, kind, reference)


def _carry_relation(world: World, old: Item, moved: Item, kind: Kind, reference: Reference) -> None:
    other = world.threads.get(reference.repository.lower(), {}).get(reference.number)
    if other is None:
        return
    if world.transfers.loses(old.key, kind, other.key):
        unrelate(other, INVERSE[kind], old.reference)
    elif replace(other, INVERSE[kind], old.reference, moved.reference):
        relate(moved, kind, reference)
    world.touch(other)


def _finish(world: World, old: Item, moved: Item) -> None:
    """Nothing more is to come: what is left at the old place goes when its last copy is done."""
    moved.transit = None
    world.in_flight.pop(moved.id, None)
    if any(_old_place(world, other) is old for other in world.in_flight.values()):
        return
    old.comments, old.parent = [], None
    old.sub_issues, old.blocked_by, old.blocking = [], [], []
