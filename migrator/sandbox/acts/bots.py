"""Bots of a repository that react to each issue opened there, also to one that was transferred:
GitHub tells of both in the same words (https://github.com/getsentry/.github/issues/41)."""

from __future__ import annotations

import re
from collections.abc import Callable

from migrator.sandbox.acts import comments, labels, states
from migrator.sandbox.entities import Account, Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.rights import Agent
from migrator.sandbox.templates import issue_templates
from migrator.sandbox.transfer_rules import IssueBot
from migrator.sandbox.world import World

_HEADING = re.compile(r"^#{1,6} +(.+?) *$|^ *label: *[\"']?(.+?)[\"']? *$", re.MULTILINE)
_COMMAND = re.compile(r"^/(close|label) *(.*)$", re.MULTILINE)


def react_to_opened(world: World) -> None:
    """Let the bots react to the issues opened since; those that have not arrived wait."""
    waiting = [item for item in world.just_opened if item.transit and item.transit.hidden]
    opened = [item for item in world.just_opened if item.is_here]
    world.just_opened = waiting
    for item in opened:
        for bot in world.bots:
            if bot.repository.lower() == item.repository.lower():
                _react(world, bot, item)


def _react(world: World, bot: IssueBot, item: Item) -> None:
    account = world.account(bot.login) or world.add_account(Account(login=bot.login, type="Bot"))
    account.permissions[item.repository] = "write"
    try:
        ACTS[bot.does](world, Agent(account=account), bot, item)
    except Refused:
        return


def _close(world: World, agent: Agent, bot: IssueBot, item: Item) -> None:
    comments.add_comment(world, agent, item, bot.comment)
    labels.add_labels(world, agent, item, [bot.label])
    states.close(world, agent, item, "not_planned")


def _close_without_template(world: World, agent: Agent, bot: IssueBot, item: Item) -> None:
    if not _follows_a_template(world, item):
        _close(world, agent, bot, item)


def _follows_a_template(world: World, item: Item) -> bool:
    """Whether the body has every heading of one template; a form's fields are its headings."""
    home = world.repository(item.repository)
    for template in issue_templates(home):
        text = home.files[f".github/ISSUE_TEMPLATE/{template['filename']}"]
        headings = [one or other for one, other in _HEADING.findall(text)]
        if headings and all(heading in item.body for heading in headings):
            return True
    return False


def _relabel(world: World, agent: Agent, bot: IssueBot, item: Item) -> None:
    labels.replace_labels(world, agent, item, [bot.label])


def _obey(world: World, agent: Agent, bot: IssueBot, item: Item) -> None:
    for command, rest in _COMMAND.findall(item.body):
        if command == "close":
            states.close(world, agent, item)
        elif rest.strip():
            labels.add_labels(world, agent, item, [rest.strip()])


ACTS: dict[str, Callable[[World, Agent, IssueBot, Item], None]] = {
    "close_without_template": _close_without_template,
    "close": _close,
    "relabel": _relabel,
    "obey": _obey,
}
