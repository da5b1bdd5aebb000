"""Forecast of the mail that a plan causes, before anybody gets any of it.

GitHub mails a comment and a close to everybody who takes part in the item (author, commenters,
assignees) and to everybody who watches the repository; a label mails nobody
(https://docs.github.com/account-and-profile/managing-subscriptions-and-notifications-on-github/setting-up-notifications/about-notifications).
Participants we can count by name, watchers only by number, so the two stand apart. People with
triage rights will see most of it; they are told once, in total, before the run, and do not count
against anybody's measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.planning.forecast import writing_hours
from migrator.domain.planning.plan import PlanItem
from migrator.domain.rules import BudgetRules

BUCKETS: Final = ((1, 1), (2, 2), (3, 5), (6, 10), (11, 25), (26, None))
"""Mails a person gets, from and to (``None``: and more): the groups of
:attr:`MailForecast.spread`."""

MOST_SHOWN: Final = 20

MAILS: Final = "mails"
"""Under this name a plan's forecast is kept beside it."""


class PersonMails(Frozen, frozen=True, kw_only=True):
    """What one person gets: ``notices`` (comments), ``closes`` and ``transfers``, each one mail.

    GitHub documents that a transfer mails those who are mentioned
    (https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository);
    who else gets one is not known, so everybody who takes part is counted.
    """

    login: str
    notices: int
    closes: int = 0
    transfers: int = 0

    @property
    def mails(self) -> int:
        """All together."""
        return self.notices + self.closes + self.transfers


class RepositoryMails(Frozen, frozen=True, kw_only=True):
    """What each watcher of one repository gets. ``watchers`` is how many there are, ``None`` if
    we do not know."""

    repository: str
    notices: int
    closes: int = 0
    watchers: int | None = None

    @property
    def mails_each(self) -> int:
        """Mails to each watcher."""
        return self.notices + self.closes

    @property
    def mails(self) -> int:
        """Mails to all watchers together; 0 where their number is not known."""
        return self.mails_each * (self.watchers or 0)


class Bucket(Frozen, frozen=True, kw_only=True):
    """How many people get between ``least`` and ``most`` mails (``None``: any number above)."""

    least: int
    most: int | None
    people: int


class MailForecast(Frozen, frozen=True, kw_only=True):
    """Sums over a plan. ``people`` and ``mails`` count participants without the ``maintainers``,
    who are told once in total.

    ``busiest`` are the twenty people with the most mails, ``maintainers`` those with triage rights
    who take part somewhere. ``hours`` is the time for the writes alone, ``days`` the least number
    of days over which they are spread, so that nobody gets more than the migration file allows a
    day.
    """

    notices: int = 0
    closes: int = 0
    people: int = 0
    mails: int = 0
    busiest: tuple[PersonMails, ...] = ()
    spread: tuple[Bucket, ...] = ()
    maintainers: tuple[PersonMails, ...] = ()
    watched: tuple[RepositoryMails, ...] = ()
    hours: float = 0.0
    days: int = 0

    @property
    def most(self) -> int:
        """The most that one person gets."""
        return self.busiest[0].mails if self.busiest else 0


def forecast_mails(
    items: Iterable[PlanItem],
    budget: BudgetRules,
    *,
    watchers: Mapping[str, int] | None = None,
    triagers: Collection[str] = (),
    own_login: str = "",
) -> MailForecast:
    """Count the mail of a plan's acts; items may stream, only counts are kept.

    ``watchers`` is the number of watchers by repository, where known; ``triagers`` are the logins
    of people with triage rights or more; ``own_login`` is the account that writes, which GitHub
    does not mail about its own acts.
    """
    tally = _MailTally(own_login)
    for item in items:
        if item.acts:
            tally.add(item)
    return tally.forecast(budget, watchers or {}, frozenset(login.casefold() for login in triagers))


class _MailTally:
    """Counts while the plan goes by."""

    def __init__(self, own_login: str) -> None:
        self._own = own_login.casefold()
        self._notices: Counter[str] = Counter()
        self._closes: Counter[str] = Counter()
        self._transfers: Counter[str] = Counter()
        self._repository_notices: Counter[str] = Counter()
        self._repository_closes: Counter[str] = Counter()
        self._second_requests = 0
        self._acts = 0

    def add(self, item: PlanItem) -> None:
        mailed = not (item.edits or item.undoes)  # an edit mails nobody
        self._acts += 1
        self._repository_notices[item.repository] += mailed
        self._repository_closes[item.repository] += item.closes
        self._second_requests += item.writes - 1
        for login in {name for name in item.recipients if name and name.casefold() != self._own}:
            self._notices[login] += mailed
            self._closes[login] += item.closes
            self._transfers[login] += bool(item.transfers_to)

    def forecast(
        self, budget: BudgetRules, watchers: Mapping[str, int], triagers: frozenset[str]
    ) -> MailForecast:
        everybody = [
            PersonMails(
                login=login,
                notices=count,
                closes=self._closes[login],
                transfers=self._transfers[login],
            )
            for login, count in self._notices.items()
        ]
        everybody.sort(key=lambda person: (-person.mails, person.login.casefold()))
        people = [person for person in everybody if person.login.casefold() not in triagers]
        notices = self._repository_notices.total()
        return MailForecast(
            notices=notices,
            closes=self._repository_closes.total(),
            people=len(people),
            mails=sum(person.mails for person in people),
            busiest=tuple(people[:MOST_SHOWN]),
            spread=_spread(people),
            maintainers=tuple(
                person for person in everybody if person.login.casefold() in triagers
            ),
            watched=self._watched(watchers),
            hours=round(writing_hours(self._acts, self._second_requests, budget), 3),
        )

    def _watched(self, watchers: Mapping[str, int]) -> tuple[RepositoryMails, ...]:
        return tuple(
            RepositoryMails(
                repository=name,
                notices=count,
                closes=self._repository_closes[name],
                watchers=watchers.get(name),
            )
            for name, count in sorted(self._repository_notices.items())
        )


def _spread(people: Iterable[PersonMails]) -> tuple[Bucket, ...]:
    """How many people get how much; groups in which nobody is stay in, so that charts keep their
    shape."""
    counts = Counter(person.mails for person in people)
    return tuple(
        Bucket(
            least=least,
            most=most,
            people=sum(
                number
                for mails, number in counts.items()
                if mails >= least and (most is None or mails <= most)
            ),
        )
        for least, most in BUCKETS
    )
