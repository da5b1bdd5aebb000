"""The dashboard's pages, one file each. Each is readable without a script and small enough for a
telephone."""

from migrator.web.pages import (
    deliveries,
    docs,
    item,
    jobs,
    overview,
    people,
    plan,
    review,
    runs,
    what_if,
)

PAGES = (overview, plan, what_if, review, item, runs, jobs, deliveries, people, docs)
"""Every page; each has a ``router(dashboard, templates)``."""
