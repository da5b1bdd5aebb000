"""A migration, items and verdicts that the tests of our texts share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest

from migrator.config.migration_file import load
from migrator.domain.decisions import Decided, Decision
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Actor, Item, ItemKind, Pull
from migrator.domain.rules import MigrationFile

MakeItem = Callable[..., Item]
MakeDecided = Callable[..., Decided]


@pytest.fixture(scope="session")
def file() -> MigrationFile:
    """The migration that ships with the package."""
    return load("keras").file


@pytest.fixture
def now() -> datetime:
    """The moment at which plans are made."""
    return datetime(2021, 7, 1, 12, tzinfo=UTC)


def an_item(**fields: object) -> Item:
    """An ordinary issue of the source repository, with some fields of one's own."""
    item = Item(
        repository="tensorflow/tensorflow",
        number=4711,
        url="https://github.com/tensorflow/tensorflow/issues/4711",
        title="LSTM returns NaN",
        body="It returns NaN.",
        author=Actor(login="octocat"),
        created_at=datetime(2019, 5, 1, tzinfo=UTC),
        updated_at=datetime(2020, 3, 3, tzinfo=UTC),
    )
    return msgspec.structs.replace(item, **fields)


def a_pull(**fields: object) -> Item:
    """An ordinary pull request on a moved path."""
    pull = Pull(
        base_ref="master",
        head_ref="fix-lstm",
        changed_paths=("tensorflow/python/keras/layers/recurrent.py",),
    )
    return an_item(
        number=4712,
        kind=ItemKind.PULL_REQUEST,
        url="https://github.com/tensorflow/tensorflow/pull/4712",
        title="Fix LSTM",
        pull=msgspec.structs.replace(pull, **fields),
    )


def a_decision(decision: str, **fields: object) -> Decided:
    """A decision as the rules would make it."""
    code = {
        "redirect": "active",
        "transfer": "active",
        "retire": "stale",
        "ask": "stale",
        "port": "pull_request",
        "clear": "before_cutover",
        "welcome": "arrived",
    }
    decided = Decided(
        decision=Decision(decision),
        code=code[decision],
        message="A sentence.",
        deciding=CLOCK,
        part="keras",
        closes=decision in ("retire", "ask", "port", "clear"),
        grace_days=14 if decision == "ask" else 0,
        label="migrated",
    )
    return msgspec.structs.replace(decided, **fields)


CLOCK = Evidence(
    signal="clock",
    says=Leaning.STALE,
    value="commented",
    bar="180 days",
    at=datetime(2020, 3, 3, tzinfo=UTC),
    actor="octocat",
)


def an_ownership(grounds: Grounds = Grounds.LABEL, **fields: object) -> OwnershipVerdict:
    """Ours, by a label."""
    label = Evidence(signal="label.ours", says=Leaning.OURS, value="comp:keras", weight=4.0)
    verdict = OwnershipVerdict(
        answer=Ownership.OURS, probability=0.99, grounds=grounds, part="keras", evidence=(label,)
    )
    return msgspec.structs.replace(verdict, **fields)


def an_activity(deciding: Evidence = CLOCK, **fields: object) -> ActivityVerdict:
    """Silent since 3 March 2020."""
    verdict = ActivityVerdict(
        answer=Activity.STALE,
        clock=datetime(2020, 3, 3, tzinfo=UTC),
        stale_at=datetime(2020, 8, 30, tzinfo=UTC),
        deciding=deciding,
        evidence=(CLOCK,),
    )
    return msgspec.structs.replace(verdict, **fields)


@pytest.fixture
def make_item() -> MakeItem:
    """Factory of issues."""
    return an_item


@pytest.fixture
def make_pull() -> MakeItem:
    """Factory of pull requests; its arguments are fields of ``Pull``."""
    return a_pull


@pytest.fixture
def decided() -> MakeDecided:
    """Factory of decisions."""
    return a_decision


@pytest.fixture
def ownership() -> Callable[..., OwnershipVerdict]:
    """Factory of ownership verdicts."""
    return an_ownership


@pytest.fixture
def activity() -> Callable[..., ActivityVerdict]:
    """Factory of activity verdicts."""
    return an_activity
