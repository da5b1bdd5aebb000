"""The dashboard's pages, one file each. Each is readable without a script and small enough for a
telephone."""

from migrator.web.pages import deliveries, item, jobs, overview, people, plan, review, runs, what_if

PAGES = (overview, plan, what_if, review, item, runs, jobs, deliveries, people)
"""Every page; each has a ``router(dashboard, templates)``."""
