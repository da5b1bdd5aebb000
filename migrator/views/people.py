"""Who gets how many notices: the people whom a plan mails because they take part."""

from __future__ import annotations

from migrator.domain.items import Frozen
from migrator.domain.planning.mail_forecast import PersonMails
from migrator.execution.context import Context
from migrator.views.overview import newest_plan
from migrator.views.plan_summary import PlanSummary, people_of, summary_so_far

PAGE = 50


class PeopleList(Frozen, frozen=True, kw_only=True):
    """Some of the people, the most mailed first. ``count`` of them fit the search, of which
    ``maintainers_count`` have triage rights. ``facts`` is ``None`` while a large plan is being
    added up."""

    plan_hash: str
    facts: PlanSummary | None
    count: int
    page: int
    pages: int
    people: tuple[PersonMails, ...]
    maintainers: tuple[str, ...]
    maintainers_count: int = 0


def people_list(context: Context, *, search: str = "", page: int = 1) -> PeopleList:
    """One page of the people whom the newest plan mails, all or those whose login holds
    ``search``."""
    plan = newest_plan(context)
    facts = summary_so_far(context, plan) if plan else None
    everybody = (people_of(context, plan) if plan else None) or ()
    sought = search.strip().removeprefix("@").casefold()
    found = (
        tuple(person for person in everybody if sought in person.login.casefold())
        if sought
        else everybody
    )
    maintainers = tuple(person.login for person in facts.mails.maintainers) if facts else ()
    pages = max(1, -(-len(found) // PAGE))
    shown = min(max(1, page), pages)
    return PeopleList(
        plan_hash=plan.hash if plan else "",
        facts=facts,
        count=len(found),
        page=shown,
        pages=pages,
        people=found[(shown - 1) * PAGE : shown * PAGE],
        maintainers=maintainers,
        maintainers_count=sum(person.login in maintainers for person in found),
    )
