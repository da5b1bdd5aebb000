"""Which webhooks we react to, which we ignore on purpose and why, and which we have never heard of.

GitHub's list: https://docs.github.com/webhooks/webhook-events-and-payloads. An App receives some
events whether it asks for them or not (``installation``, ``ping``), so knowing more than we need
keeps the unknown ones worth a look.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Interest(StrEnum):
    """What a webhook is to us."""

    REACT = "react"
    IGNORE = "ignore"
    UNKNOWN = "unknown"


REACTS: Final[dict[str, frozenset[str]]] = {
    "issues": frozenset(
        {"opened", "edited", "labeled", "unlabeled", "reopened", "transferred", "deleted"}
    ),
    "issue_comment": frozenset({"created", "edited", "deleted"}),
    "pull_request": frozenset(
        {
            "opened",
            "edited",
            "labeled",
            "unlabeled",
            "reopened",
            "synchronize",
            "ready_for_review",
            "converted_to_draft",
            "review_requested",
            "closed",
        }
    ),
    "pull_request_review": frozenset({"submitted", "edited", "dismissed"}),
    "pull_request_review_comment": frozenset({"created", "edited", "deleted"}),
}
"""Event -> its actions that are stored and worked on."""

QUIET_ACTIONS: Final[dict[str, frozenset[str]]] = {
    "issues": frozenset(
        {
            "assigned",
            "unassigned",
            "closed",
            "milestoned",
            "demilestoned",
            "locked",
            "unlocked",
            "pinned",
            "unpinned",
        }
        | {"typed", "untyped", "field_added", "field_removed"}
    ),
    "issue_comment": frozenset({"pinned", "unpinned"}),
    "pull_request": frozenset(
        {
            "assigned",
            "unassigned",
            "locked",
            "unlocked",
            "milestoned",
            "demilestoned",
            "review_request_removed",
        }
        | {"auto_merge_enabled", "auto_merge_disabled", "enqueued", "dequeued"}
    ),
    "pull_request_review": frozenset(),
    "pull_request_review_comment": frozenset(),
}
"""Actions of the same events that change nothing for us: each item is read again before we act
on it anyway."""

_CODE: Final = "about code, builds and releases, not about items"
_PEOPLE: Final = "about who may do what; rights are asked for when they matter"
_ELSEWHERE: Final = "about things that do not move with a repository's items"

IGNORES: Final[dict[str, str]] = {
    "ping": "GitHub tests the URL",
    "installation": "who installed us is asked for, not remembered",
    "installation_repositories": "who installed us is asked for, not remembered",
    "installation_target": "who installed us is asked for, not remembered",
    "github_app_authorization": "a login to the dashboard ends by itself",
    "label": "labels are looked up by name when one is needed",
    "milestone": "an item's milestone is read with the item",
    "repository": "each scan reads the repositories anew",
    "push": "a merged pull request tells of its commits",
    "pull_request_review_thread": "its comments arrive by themselves",
    "sub_issues": _ELSEWHERE,
    "issue_dependencies": _ELSEWHERE,
    **dict.fromkeys(
        (
            "branch_protection_configuration",
            "branch_protection_rule",
            "check_run",
            "check_suite",
            "code_scanning_alert",
        ),
        _CODE,
    ),
    **dict.fromkeys(
        ("commit_comment", "create", "delete", "dependabot_alert", "deploy_key", "deployment"),
        _CODE,
    ),
    **dict.fromkeys(
        (
            "deployment_protection_rule",
            "deployment_review",
            "deployment_status",
            "fork",
            "merge_group",
        ),
        _CODE,
    ),
    **dict.fromkeys(
        ("package", "page_build", "registry_package", "release", "repository_dispatch", "status"),
        _CODE,
    ),
    **dict.fromkeys(
        ("repository_ruleset", "repository_vulnerability_alert", "secret_scanning_alert"), _CODE
    ),
    **dict.fromkeys(
        ("secret_scanning_alert_location", "secret_scanning_scan", "security_advisory"), _CODE
    ),
    **dict.fromkeys(
        (
            "security_and_analysis",
            "repository_advisory",
            "workflow_dispatch",
            "workflow_job",
            "workflow_run",
        ),
        _CODE,
    ),
    **dict.fromkeys(
        (
            "member",
            "membership",
            "meta",
            "org_block",
            "organization",
            "personal_access_token_request",
        ),
        _PEOPLE,
    ),
    **dict.fromkeys(
        ("public", "team", "team_add", "custom_property", "custom_property_values"), _PEOPLE
    ),
    **dict.fromkeys(
        ("discussion", "discussion_comment", "gollum", "marketplace_purchase", "project"),
        _ELSEWHERE,
    ),
    **dict.fromkeys(
        ("project_card", "project_column", "projects_v2", "projects_v2_item"), _ELSEWHERE
    ),
    **dict.fromkeys(
        ("projects_v2_status_update", "repository_import", "sponsorship", "star", "watch"),
        _ELSEWHERE,
    ),
}
"""Event -> why all its actions are ignored."""


ABOUT_US: Final = frozenset({"installation", "installation_repositories", "installation_target"})
"""Events about the App itself, whichever repositories they name."""
MOVES: Final = frozenset({"renamed", "transferred"})
"""Actions of ``repository`` by which one of ours can get another name or owner."""


def may_be_of_strangers(event: str, action: str) -> bool:
    """Whether a webhook of this kind is about one repository, so that it matters which one it
    is."""
    return event not in ABOUT_US and not (event == "repository" and action in MOVES)


def interest(event: str, action: str) -> Interest:
    """What a webhook of this event (``X-GitHub-Event``) and action is to us; the action is empty
    where GitHub sends none."""
    if event in IGNORES:
        return Interest.IGNORE
    if action in REACTS.get(event, ()):
        return Interest.REACT
    return Interest.IGNORE if action in QUIET_ACTIONS.get(event, ()) else Interest.UNKNOWN
