"""People and other bots who act between any two calls."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import cast

from migrator.sandbox.acts import comments, creation, edits, labels, states
from migrator.sandbox.acts.transfers import transfer_item
from migrator.sandbox.entities import Account, Item, Label, Permission, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.rights import Agent, Level, level
from migrator.sandbox.world import World
from migrator.sandbox.worlds.accounts import is_program

STALE_BOT = "stale-sweeper"
ATTIC = "sandbox-attic"
SAYINGS = (
    "I can still reproduce this with the latest release.",
    "Please keep this open, we are affected.",
    "Any news?",
    "I am working on a fix.",
)


def act_as_human(
    world: World, random: Random, kind: str, agent: Agent, candidates: list[Item]
) -> bool:
    """Let somebody else than ``agent`` act on one of the items. Returns whether anything came of
    it."""
    if not candidates:
        return False
    item = random.choice(candidates)
    try:
        return PEOPLE[kind](world, random, agent, item)
    except Refused:
        return False


def _person(
    world: World, random: Random, agent: Agent, item: Item, needed: Level = Level.READ
) -> Agent:
    """Return somebody with a role: the item's author if that will do, else anybody; a keeper is
    made if nobody has it."""
    repository = world.repository(item.repository)
    author = world.account(item.author)
    if needed is Level.READ and author is not None and is_somebody_else(author, agent):
        return Agent(account=author)
    people = [
        Agent(account=account)
        for account in world.accounts.values()
        if is_somebody_else(account, agent)
    ]
    fitting = [one for one in people if level(one, repository) >= needed]
    if fitting:
        return random.choice(fitting)
    role = cast(Permission, needed.name.lower())  # a level is named as its permission is
    made = Account(login=f"sandbox-{role}", permissions={repository.name: role})
    return Agent(account=world.add_account(made))


def is_somebody_else(account: Account, agent: Agent) -> bool:
    """Whether a person writes with this account, and not whoever asks; some programs have
    ordinary accounts."""
    is_person = account.type == "User" and not account.deleted and not is_program(account.login)
    return is_person and account.login != agent.login


def _comments(world: World, random: Random, agent: Agent, item: Item) -> bool:
    comments.add_comment(world, _person(world, random, agent, item), item, random.choice(SAYINGS))
    return True


def _closes(world: World, random: Random, agent: Agent, item: Item) -> bool:
    if item.state != "open":
        return False
    states.close(world, _person(world, random, agent, item), item)
    return True


def _reopens(world: World, random: Random, agent: Agent, item: Item) -> bool:
    if item.state != "closed":
        return False
    states.reopen(world, _person(world, random, agent, item, Level.TRIAGE), item)
    return True


def _locks(world: World, random: Random, agent: Agent, item: Item) -> bool:
    if item.locked:
        return False
    edits.lock(world, _person(world, random, agent, item, Level.WRITE), item, "resolved")
    return True


def _transfers(world: World, random: Random, agent: Agent, item: Item) -> bool:
    transfer_item(
        world, _person(world, random, agent, item, Level.ADMIN), item, _attic(world, item)
    )
    return True


def _attic(world: World, item: Item) -> Repository:
    """Return a repository of the same owner, with the same people, to transfer items to."""
    owner = item.repository.partition("/")[0]
    name = f"{owner}/{ATTIC}"
    if name.lower() in world.repositories:
        return world.repository(name)
    for account in world.accounts.values():
        if item.repository in account.permissions:
            account.permissions[name] = account.permissions[item.repository]
            world.touch(account)
    return world.add_repository(Repository(name=name))


def _deletes(world: World, random: Random, agent: Agent, item: Item) -> bool:
    creation.delete_item(world, _person(world, random, agent, item, Level.ADMIN), item)
    return True


def _other_bot(world: World, random: Random, agent: Agent, item: Item) -> bool:
    """A stale bot comments and labels, or closes what it labelled before."""
    repository = world.repository(item.repository)
    account = world.account(STALE_BOT) or world.add_account(Account(login=STALE_BOT, type="Bot"))
    account.permissions[repository.name] = "write"
    bot = Agent(account=account)
    if "stale" in item.labels and item.state == "open":
        states.close(world, bot, item, "not_planned")
        return True
    if world.label(repository, "stale") is None:
        world.add_label(repository, Label(name="stale"))
    comments.add_comment(
        world, bot, item, "This has had no activity for a while and will be closed soon."
    )
    labels.add_labels(world, bot, item, ["stale"])
    return True


PEOPLE: dict[str, Callable[[World, Random, Agent, Item], bool]] = {
    "person_comments": _comments,
    "person_closes": _closes,
    "person_reopens": _reopens,
    "person_locks": _locks,
    "person_transfers": _transfers,
    "person_deletes": _deletes,
    "other_bot": _other_bot,
}
