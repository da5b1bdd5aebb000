"""``GITHUB_TOKEN`` of a job of GitHub Actions: an installation token of the App ``github-actions``
for the repository of the workflow alone, with 1,000 points an hour.

https://docs.github.com/actions/concepts/security/github_token
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github_token-in-github-actions
What it does starts no workflow; as workflows are not run here, there is nothing to model of that.
"""

from __future__ import annotations

from migrator.sandbox.apps import create_app_record, install, new_installation_token
from migrator.sandbox.entities import Repository, Token
from migrator.sandbox.limits import Limits
from migrator.sandbox.world import World

SLUG = "github-actions"
POINTS_AN_HOUR = 1000
PERMISSIONS = {"issues": "write", "pull_requests": "write", "contents": "read", "metadata": "read"}


def job_token(
    world: World, limits: Limits, repository: Repository, permissions: dict[str, str]
) -> Token:
    """Return a new ``GITHUB_TOKEN`` for a job of a workflow in that repository."""
    app = world.apps.get(SLUG) or create_app_record(world, SLUG, permissions=PERMISSIONS, events=[])
    fitting = (
        one
        for one in world.installations.values()
        if one.app == SLUG and one.repositories == [repository.name]
    )
    found = next(fitting, None) or install(world, app, repository.owner, [repository.name])
    found.permissions = permissions or dict(PERMISSIONS)
    limits.own_hours[f"installation {found.id}"] = POINTS_AN_HOUR
    return new_installation_token(world, found, read_only="write" not in found.permissions.values())
