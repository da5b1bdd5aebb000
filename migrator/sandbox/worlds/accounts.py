"""Who acts: staff and programs by role and date, and any number of ordinary people."""

from __future__ import annotations

from functools import cache, lru_cache

from migrator.sandbox.clock import seconds
from migrator.sandbox.worlds.rng import Rng
from migrator.sandbox.worlds.vocabulary import AccountWords, Book, vocabulary

_NEVER = 2**40
_FEW_PEOPLE = 40
PROGRAM_ROLES = frozenset({"butler", "licence", "tester", "mirror", "workflow"})


@lru_cache(maxsize=256)
def _turns(book: Book, role: str) -> tuple[tuple[int, str], ...]:
    """Who holds the role, each with the moment its turn ends; the first to end comes first."""
    holders = [account for account in book.words.accounts if role in account.roles]
    return tuple(
        sorted(
            (seconds(holder.until) if holder.until else _NEVER, holder.login) for holder in holders
        )
    )


def holder(book: Book, role: str, at: int, dice: Rng) -> str:
    """Login of somebody who held the role at that moment: any of the people, or the oldest program
    not yet replaced.

    Raises ``IndexError`` for a role that nobody held then.
    """
    logins = [login for until, login in _turns(book, role) if at < until]
    return logins[0] if role in PROGRAM_ROLES else dice.pick(logins)


@cache
def is_program(login: str | None) -> bool:
    """Whether a program writes with this account, whatever its type says."""
    named = _named().get(login or "")
    return named is not None and (
        named.type == "Bot" or bool(PROGRAM_ROLES.intersection(named.roles))
    )


@cache
def _named() -> dict[str, AccountWords]:
    return {account.login: account for account in vocabulary().accounts}


def person(number: int) -> str:
    """Login of the ``number``-th ordinary person, at most 39 letters, digits and single hyphens
    as GitHub demands."""
    people = vocabulary().people
    first = people.first[number % len(people.first)]
    last = people.last[number // len(people.first) % len(people.last)]
    return people.styles[number * 7 % len(people.styles)].format(
        first=first, last=last, number=number
    )


def somebody(book: Book, dice: Rng, crowd: int) -> str:
    """An ordinary person of a crowd of that size: a few write often, most once."""
    if dice.chance(0.02):
        return holder(book, "regular", 0, dice)
    return person(int(dice.throw() ** 2 * max(_FEW_PEOPLE, crowd)))
