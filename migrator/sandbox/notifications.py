"""Counts the mails that an act causes, and leaves the traces of references and mentions.

Participants are who opened, commented on, was assigned to or mentioned in an item; watchers get
every thread of a repository
(https://docs.github.com/subscriptions-and-notifications/concepts/about-notifications).
"""

from __future__ import annotations

from migrator.sandbox.entities import Event, Item, Reference, Repository
from migrator.sandbox.events import Mail
from migrator.sandbox.references import items_named, people_named
from migrator.sandbox.world import World


def participants(world: World, item: Item) -> list[str]:
    """Return the logins of the people who take part in an item, in the order of their first
    part."""
    names = [item.author, *(comment.author for comment in item.comments)]
    if item.pull is not None:
        names += [review.author for review in item.pull.reviews]
    names += [
        event.actor for event in item.events if event.kind in ("closed", "reopened", "mentioned")
    ]
    names += item.assignees
    accounts = (world.account(login) for login in dict.fromkeys(names))
    return list(
        dict.fromkeys(
            account.login for account in accounts if account is not None and account.type == "User"
        )
    )


def watcher_count(repository: Repository) -> int:
    """Return how many people watch a repository."""
    return repository.watchers if isinstance(repository.watchers, int) else len(repository.watchers)


def send_mails(
    world: World, act: str, item: Item, actor: str | None, sequence: int, text: str = ""
) -> Mail:
    """Record the mails of one act; ``text`` is searched for mentions."""
    mentioned = [
        account.login
        for name in people_named(text)
        if (account := world.account(name)) and account.login != actor
    ]
    to = [
        login
        for login in dict.fromkeys([*participants(world, item), *item.subscribers, *mentioned])
        if login != actor
    ]
    watchers = watcher_count(world.repository(item.repository))
    mail = Mail(
        sequence=sequence,
        act=act,
        item=item.key,
        actor=actor,
        to=to,
        mentioned=mentioned,
        watchers=max(0, watchers - len(to)),
    )
    world.mails.append(mail)
    item.subscribers = list(dict.fromkeys([*item.subscribers, *mentioned]))
    return mail


def leave_backlinks(world: World, item: Item, actor: str | None, text: str) -> None:
    """Put a ``cross-referenced`` event on every other item that ``text`` in ``item`` refers to,
    once per pair of items."""
    for name, number in items_named(text, item.repository):
        target = world.peek(name, number)
        if target is None or target is item or _already_linked(target, item):
            continue
        with world.change(target) as sequence:
            target.events.append(
                Event(
                    kind="cross-referenced",
                    actor=actor,
                    created_at=world.clock.text(),
                    source=Reference(repository=item.repository, number=item.number),
                    id=world.new_id(),
                    sequence=sequence,
                )
            )
        world.count("backlink", target, actor)


def _already_linked(target: Item, source: Item) -> bool:
    """Return whether ``source`` has left a backlink on ``target`` before."""
    return any(
        event.kind == "cross-referenced"
        and event.source is not None
        and event.source.number == source.number
        and event.source.repository.lower() == source.repository.lower()
        for event in target.events
    )
