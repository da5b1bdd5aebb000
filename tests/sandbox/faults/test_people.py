"""Who acts between two calls where a fault lets a person act."""

from __future__ import annotations

import pytest

from migrator.sandbox.entities import Account
from migrator.sandbox.faults.human_faults import is_somebody_else
from migrator.sandbox.rights import Agent

US = Agent(account=Account(login="mover"))


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (Account(login="ada"), True),
        (Account(login="mover"), False),
        (Account(login="ada", deleted=True), False),
        (Account(login="stale-sweeper", type="Bot"), False),
        (Account(login="tensorflow-copybara"), False),
    ],
    ids=[
        "a person",
        "whoever asks",
        "a deleted account",
        "a bot",
        "a program with an ordinary account",
    ],
)
def test_only_a_person_who_is_there_acts_as_one(account: Account, expected: bool) -> None:
    """A program that opens an item again is no person who wants it open."""
    assert is_somebody_else(account, US) is expected
