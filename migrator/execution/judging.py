"""Judging one item in the compute pool, for those who work in threads: no text holds them up."""

from __future__ import annotations

import pickle
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from migrator.domain.calibration import Calibration
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.classification.classifier import Classifier
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.marker import find_nonces
from migrator.domain.people import BotIdentity
from migrator.domain.rules import MigrationFile
from migrator.execution.compute_pool import OVERRUN, judging_pool
from migrator.execution.deadlines import JUDGING_SECONDS

ItemVerdicts = tuple[ActivityFacts, OwnershipVerdict, ActivityVerdict]


class JudgingRules(NamedTuple):
    """By what items are judged: the rules and the calibration."""

    file: MigrationFile
    calibration: Calibration | None = None


async def judge_apart(
    rules: JudgingRules,
    own: BotIdentity,
    item: Item,
    now: datetime,
    seconds: float = JUDGING_SECONDS,
) -> ItemVerdicts:
    """Everything that is judged of an item at ``now``, in another process. An item that overruns
    its time, or kills the process, gets verdicts that say so."""
    task = judging_pool().submit(
        seconds, _judge, pickle.dumps(rules), _relevant(own, item), item, now
    )
    try:
        return await task.answer()
    except OVERRUN as error:
        return Classifier(rules.file, own).no_verdicts(item, error)


def _judge(pickled: bytes, own: BotIdentity, item: Item, now: datetime) -> ItemVerdicts:
    rules = _unpickled(pickled)
    return Classifier(rules.file, own, rules.calibration).verdicts(item, now)


@lru_cache(maxsize=4)
def _unpickled(pickled: bytes) -> JudgingRules:
    """The same object for the same rules: what is compiled for it is kept."""
    rules: JudgingRules = pickle.loads(pickled)  # noqa: S301 - our own, from the parent process
    return rules


def _relevant(own: BotIdentity, item: Item) -> BotIdentity:
    """What the item's own comments and events can meet of our acts: the ledger may hold tens of
    thousands."""
    found = {nonce for comment in item.comments for nonce in find_nonces(comment.body)}
    return replace(
        own,
        nonces=frozenset(found & own.nonces),
        reopens={item.key: own.reopens[item.key]} if item.key in own.reopens else {},
    )
