"""How fast are the activity judgement and a what-if? Generated threads, one core: ``python
bench/activity.py [--json]``."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

from migrator.config.migration_file import load, only_preset
from migrator.domain.classification import activity
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.evidence import Grounds, Ownership, OwnershipVerdict
from migrator.domain.items import AccountType, Actor, Association, Comment, Event, EventKind, Item
from migrator.domain.people import BotIdentity
from migrator.domain.planning.what_if import WhatIfItem, what_if
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.settings_override import with_settings

NOW = datetime(2024, 1, 1, tzinfo=UTC)
ROUNDS = 3
OURS = OwnershipVerdict(answer=Ownership.OURS, probability=0.99, grounds=Grounds.LABEL)
SENTENCE = "The model returns another value than it did before the update, and I cannot tell why. "


def generated(file: MigrationFile, count: int, seed: int) -> list[Item]:
    """Threads of a large repository: 0 to 15 comments of about 600 characters, one in twenty
    with the new address."""
    dice = random.Random(seed)
    return [_item(file, number, dice) for number in range(1, count + 1)]


def _item(file: MigrationFile, number: int, dice: random.Random) -> Item:
    opened = NOW - timedelta(days=dice.randint(1, 2500))
    labels = tuple(
        dice.sample(
            ["bug", *file.activity.awaiting_author_labels, *file.activity.protecting_labels], 2
        )
    )
    comments = tuple(
        _comment(file, opened, dice) for _ in range(dice.choice([0, 1, 2, 3, 5, 8, 15]))
    )
    events = tuple(_event(opened, labels, dice) for _ in range(dice.randint(2, 12)))
    return Item(
        repository=file.migration.source,
        number=number,
        title="A layer returns NaN",
        body=SENTENCE * 15,
        author=Actor(login="author"),
        created_at=opened,
        updated_at=NOW,
        labels=labels,
        comments=comments,
        events=events,
        participants=("author", *(each.author.login for each in comments if each.author)),
    )


def _comment(file: MigrationFile, opened: datetime, dice: random.Random) -> Comment:
    bot = Actor(login="program", type=AccountType.BOT)
    told = (
        f"Please open it at https://github.com/{file.targets[0]}. " if dice.random() < 0.05 else ""
    )
    return Comment(
        author=dice.choice(
            [Actor(login="author"), Actor(login=f"user{dice.randint(1, 999)}"), bot]
        ),
        association=dice.choice([Association.NONE, Association.MEMBER]),
        body=told + SENTENCE * 7,
        created_at=opened + timedelta(hours=dice.randint(1, 4000)),
    )


def _event(opened: datetime, labels: tuple[str, ...], dice: random.Random) -> Event:
    at = opened + timedelta(hours=dice.randint(1, 4000))
    return Event(
        kind=dice.choice(list(EventKind)),
        actor=Actor(login="triager"),
        at=at,
        label=dice.choice(labels),
    )


def quickest(work: Callable[[], object]) -> float:
    """Seconds of the quickest of a few rounds, which other work on the machine disturbs least."""
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def measured(file: MigrationFile, items: list[Item]) -> dict[str, float]:
    """The numbers. ``what_if_seconds`` includes decoding the stored facts."""
    judge = activity.prepare(file, BotIdentity(login="us"))
    stored = [msgspec.json.encode(judge.facts(item)) for item in items]
    decoder = msgspec.json.Decoder(ActivityFacts)
    changed = with_settings(file, ["activity.stale_after=90d"])

    def ask() -> int:
        found = (WhatIfItem(facts=decoder.decode(each), ownership=OURS) for each in stored)
        return len(what_if(found, file, changed, now=NOW).changed)

    return {
        "items": len(items),
        "judged_per_second": round(
            len(items) / quickest(lambda: [judge(item, now=NOW) for item in items])
        ),
        "facts_bytes_each": round(sum(map(len, stored)) / len(stored)),
        "what_if_seconds": round(quickest(ask), 3),
        "what_if_changed": ask(),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--migration", default="", help="migration file or preset")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    file = load(chosen.migration or only_preset()).file
    result = measured(file, generated(file, chosen.items, chosen.seed))
    print(
        json.dumps(result, indent=2)
        if chosen.json
        else "\n".join(f"{name}: {value}" for name, value in result.items())
    )


if __name__ == "__main__":
    main()
