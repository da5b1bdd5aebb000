"""Who is a person, and which acts are ours."""

from __future__ import annotations

import pytest

from migrator.domain.items import AccountType, Actor
from migrator.domain.people import NO_BOT, BotIdentity, People, login_of, plain_login, recipients_of
from tests.support.threads import (
    AUTHOR,
    BOT,
    LISTED_BOT,
    MAINTAINER,
    NOTICE,
    OPENED,
    OTHER,
    OURS,
    OWN,
    comment,
    issue,
    migration_file,
)

PEOPLE = People(migration_file().migration)


@pytest.mark.parametrize("login", ["abbot", "robotics-fan", "somebot", "i-am-a-bot", "dependabot"])
def test_a_name_that_ends_like_a_programs_is_still_a_persons(login: str) -> None:
    """Only the account type or the file makes an account a program's."""
    assert PEOPLE.is_person(Actor(login=login))


def test_programs_are_known_by_their_account_type() -> None:
    """GraphQL gives bots a type of their own, and no ``[bot]`` in the login."""
    assert not PEOPLE.is_person(Actor(login="human-sounding", type=AccountType.BOT))


@pytest.mark.parametrize("login", ["butler", "Butler", "BUTLER"])
def test_listed_accounts_are_programs_in_any_case(login: str) -> None:
    """GitHub compares logins without regard to case."""
    assert not PEOPLE.is_person(Actor(login=login))


def test_a_login_may_be_listed_as_rest_writes_it() -> None:
    """REST appends ``[bot]``, people paste it with ``@``."""
    assert plain_login("@Stale[bot]") == "stale"


def test_a_deleted_account_was_a_persons() -> None:
    """GitHub shows it as ``author: null``; being wrong here keeps an item open."""
    assert PEOPLE.is_person(None)
    assert login_of(None) == "ghost"


def test_a_notice_is_ours_if_account_and_marker_agree() -> None:
    """The account alone or the marker alone proves nothing."""
    assert OWN.wrote(comment(OURS, OPENED, NOTICE))
    assert not OWN.wrote(comment(OURS, OPENED, "By hand."))
    assert not OWN.wrote(comment(OTHER, OPENED, NOTICE))


def test_a_marker_that_the_ledger_does_not_know_is_not_ours() -> None:
    """Somebody with our account pasted it, or another installation wrote it."""
    stranger = BotIdentity(login="mover", nonces=frozenset({"ffffffffffffffff"}))
    assert not stranger.wrote(comment(OURS, OPENED, NOTICE))


def test_a_renamed_account_is_still_ours_by_its_id() -> None:
    """Logins can change, node ids do not."""
    renamed = Actor(login="mover-2", id="U_mover")
    taken = Actor(login="mover", id="U_somebody_else")
    assert OWN.wrote(comment(renamed, OPENED, NOTICE))
    assert not OWN.wrote(comment(taken, OPENED, NOTICE))


def test_nobody_is_us_before_we_have_an_account() -> None:
    """An empty login matches nobody, a deleted account least of all."""
    assert not NO_BOT.is_account(None)
    assert not NO_BOT.is_account(Actor(login=""))


def test_a_comment_mails_everybody_who_takes_part_but_programs_and_ourselves() -> None:
    """Author, commenters, assignees, and those whom GitHub names as participants, each once."""
    item = issue(
        comments=(
            comment(OTHER, OPENED),
            comment(BOT, OPENED),
            comment(LISTED_BOT, OPENED),
            comment(OURS, OPENED),
        ),
        assignees=(MAINTAINER,),
        participants=("Ada", "bob", "eve", "Butler", "Mover"),
    )
    assert recipients_of(item, PEOPLE, OWN) == {"Ada", "bob", "mia", "eve"}
    assert recipients_of(issue(author=None), PEOPLE, OWN) == frozenset()
    assert AUTHOR.login in recipients_of(issue(), PEOPLE, OWN)
