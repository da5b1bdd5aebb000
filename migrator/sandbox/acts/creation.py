"""Opening and deleting items."""

from __future__ import annotations

from migrator.sandbox.acts.states import record
from migrator.sandbox.acts.texts import check_body, check_title
from migrator.sandbox.defaults import complete_item
from migrator.sandbox.entities import Item, Label, Pull, Repository
from migrator.sandbox.errors import Refused, invalid
from migrator.sandbox.notifications import leave_backlinks, send_mails
from migrator.sandbox.rights import Agent, Level, may_triage, require_level, require_write
from migrator.sandbox.world import World


def open_item(
    world: World,
    agent: Agent,
    repository: Repository,
    title: str | None,
    body: str | None = None,
    *,
    labels: list[str] | None = None,
    assignees: list[str] | None = None,
    pull: Pull | None = None,
) -> Item:
    """Open an issue, or with ``pull`` a pull request. Labels and assignees of an agent below triage
    are dropped without a word.

    Raises:
        Refused: 403 it may not write; 410 issues are off; 422 the text.
    """
    require_write(agent, repository)
    if pull is None and not repository.has_issues:
        raise Refused(410, "Issues are disabled for this repo")
    text = check_body(body, resource="Issue", blank=True)
    trusted = may_triage(agent, repository)
    item = Item(
        repository=repository.name,
        title=check_title(title),
        number=world.next_number(repository.name),
        kind="pull_request" if pull is not None else "issue",
        body=text,
        author=agent.login,
        created_at=world.clock.text(),
        pull=pull,
        app=agent.app,
        assignees=list(assignees or ()) if trusted else [],
    )
    complete_item(item)
    world.add_item(item)
    with world.change(item) as sequence:
        for name in dict.fromkeys(labels or ()) if trusted else ():
            label = world.label(repository, name) or world.add_label(repository, Label(name=name))
            item.labels.append(label.name)
            record(world, agent, item, "labeled", sequence, label=label.name)
        send_mails(world, "open", item, agent.login, sequence, text)
    leave_backlinks(world, item, agent.login, text)
    world.count("open_pull" if pull is not None else "open_issue", item, agent.login)
    event = "pull_request" if pull is not None else "issues"
    world.announce(event, "opened", repository.name, agent.login, item)
    if pull is None and world.bots:
        world.just_opened.append(item)
    return item


def delete_item(world: World, agent: Agent, item: Item) -> None:
    """Delete an issue: afterwards it is gone (410).

    Raises:
        Refused: 403 below admin; 422 a pull request cannot be deleted.
    """
    require_level(agent, world.repository(item.repository), Level.ADMIN, "DeleteIssue", item)
    if item.is_pull:
        raise invalid("Pull requests cannot be deleted", resource="PullRequest")
    world.announce("issues", "deleted", item.repository, agent.login, item)
    with world.change(item):
        item.deleted = True
    world.count("delete", item, agent.login)
