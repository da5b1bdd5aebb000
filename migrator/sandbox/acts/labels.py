"""Labels: of a repository, and on items (https://docs.github.com/rest/issues/labels)."""

from __future__ import annotations

from migrator.sandbox.acts.states import record
from migrator.sandbox.entities import Item, Label, Repository
from migrator.sandbox.errors import Refused, invalid
from migrator.sandbox.rights import Agent, Level, require_level
from migrator.sandbox.world import World


def add_labels(world: World, agent: Agent, item: Item, names: list[str]) -> Item:
    """Put labels on an item; a label that the repository does not have is created, as REST does.

    Raises:
        Refused: 403 below triage.
    """
    repository = world.repository(item.repository)
    require_level(agent, repository, Level.TRIAGE, "AddLabelsToLabelable", item)
    known = [
        world.label(repository, name) or world.add_label(repository, Label(name=name))
        for name in names
    ]
    fresh = [label.name for label in known if label.name not in item.labels]
    for name in dict.fromkeys(fresh):
        _set_label(world, agent, item, name, on=True)
    return item


def remove_labels(world: World, agent: Agent, item: Item, names: list[str]) -> Item:
    """Take labels off an item; those that are not on it are passed over.

    Raises:
        Refused: 403 below triage.
    """
    require_level(
        agent, world.repository(item.repository), Level.TRIAGE, "RemoveLabelsFromLabelable", item
    )
    gone = {name.lower() for name in names}
    for name in [name for name in item.labels if name.lower() in gone]:
        _set_label(world, agent, item, name, on=False)
    return item


def replace_labels(world: World, agent: Agent, item: Item, names: list[str]) -> Item:
    """Make ``names`` the whole set of labels of an item.

    Raises:
        Refused: 403 below triage.
    """
    wanted = {name.lower() for name in names}
    remove_labels(world, agent, item, [name for name in item.labels if name.lower() not in wanted])
    return add_labels(world, agent, item, names)


def _set_label(world: World, agent: Agent, item: Item, name: str, *, on: bool) -> None:
    """Put one label on or take it off; nobody is mailed."""
    with world.change(item) as sequence:
        if on:
            item.labels.append(name)
        else:
            item.labels.remove(name)
        record(world, agent, item, "labeled" if on else "unlabeled", sequence, label=name)
    world.count("label" if on else "unlabel", item, agent.login)
    label = world.label(world.repository(item.repository), name)
    event = "pull_request" if item.is_pull else "issues"
    world.announce(
        event, "labeled" if on else "unlabeled", item.repository, agent.login, item, label=label
    )


def create_label(
    world: World,
    agent: Agent,
    repository: Repository,
    name: str,
    color: str = "ededed",
    description: str | None = None,
) -> Label:
    """Create a label.

    Raises:
        Refused: 403 below write; 422 it exists, or has no name.
    """
    require_level(agent, repository, Level.WRITE, "CreateLabel")
    if not name.strip():
        raise invalid("Name can't be blank", resource="Label", field="name", code="missing_field")
    if world.label(repository, name) is not None:
        raise Refused(
            422,
            "Name has already been taken",
            errors=[{"resource": "Label", "code": "already_exists", "field": "name"}],
        )
    label = world.add_label(
        repository, Label(name=name, color=color.lstrip("#").lower(), description=description)
    )
    world.tick()
    world.count("create_label", None, agent.login)
    world.announce("label", "created", repository.name, agent.login, label=label)
    return label


def update_label(
    world: World,
    agent: Agent,
    repository: Repository,
    label: Label,
    *,
    name: str | None = None,
    color: str | None = None,
    description: str | None = None,
) -> Label:
    """Rename or recolour a label; items that carry it follow.

    Raises:
        Refused: 403 below write.
    """
    require_level(agent, repository, Level.WRITE, "UpdateLabel")
    if name and name != label.name:
        for item in world.living(repository.name):
            if label.name in item.labels:
                item.labels = [name if old == label.name else old for old in item.labels]
                world.touch(item)
        label.name = name
    label.color = (color or label.color).lstrip("#").lower()
    label.description = label.description if description is None else description
    world.tick()
    world.touch(repository)
    world.count("update_label", None, agent.login)
    world.announce("label", "edited", repository.name, agent.login, label=label)
    return label


def delete_label(world: World, agent: Agent, repository: Repository, label: Label) -> None:
    """Delete a label from the repository and from every item.

    Raises:
        Refused: 403 below write.
    """
    require_level(agent, repository, Level.WRITE, "DeleteLabel")
    for item in world.living(repository.name):
        if label.name in item.labels:
            item.labels.remove(label.name)
            world.touch(item)
    repository.labels.remove(label)
    world.labels_by_id.pop(label.id, None)
    world.tick()
    world.touch(repository)
    world.count("delete_label", None, agent.login)
    world.announce("label", "deleted", repository.name, agent.login, label=label)
