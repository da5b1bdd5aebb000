"""A small world, as records of a world file."""

from __future__ import annotations

from typing import Any

SOURCE = "acme/mono"
TARGET = "acme/widget"

SMALL: list[dict[str, Any]] = [
    {"record": "world", "version": 1, "source": SOURCE, "target": TARGET},
    {"record": "account", "login": "acme", "type": "Organization"},
    {"record": "account", "login": "root", "permissions": {SOURCE: "admin", TARGET: "admin"}},
    {"record": "account", "login": "walt", "permissions": {SOURCE: "write"}},
    {"record": "account", "login": "tria", "permissions": {SOURCE: "triage"}},
    {"record": "account", "login": "rex", "type": "Bot"},
    {"record": "account", "login": "amy"},
    {"record": "account", "login": "bob"},
    {
        "record": "repository",
        "name": SOURCE,
        "labels": [
            {"name": "bug", "color": "d73a4a", "description": "Broken"},
            {"name": "help wanted"},
        ],
        "watchers": 40,
        "files": {
            ".github/ISSUE_TEMPLATE/bug.md": "---\nname: Bug\nabout: Something broke\nlabels: bug\n---\nWhat broke?\n",
            ".github/ISSUE_TEMPLATE/config.yml": "blank_issues_enabled: false\n"
            "contact_links:\n  - name: Forum\n    url: https://forum.example\n    about: Ask\n",
            ".github/workflows/stale.yml": "on:\n  schedule:\n",
        },
    },
    {"record": "repository", "name": TARGET, "labels": [{"name": "bug"}]},
    {
        "record": "item",
        "repository": SOURCE,
        "number": 1,
        "title": "Widget breaks",
        "body": "It does.",
        "author": "amy",
        "created_at": "2020-01-01T10:00:00+02:00",
        "labels": ["bug", "help wanted"],
        "assignees": ["tria"],
        "milestone": "1.0",
        "reactions": [
            {"content": "THUMBS_UP", "user": "bob", "created_at": "2020-01-02T00:00:00Z"}
        ],
        "comments": [
            {
                "author": "tria",
                "body": "Which version?",
                "created_at": "2020-01-03T00:00:00Z",
                "reactions": [
                    {"content": "HEART", "user": "amy", "created_at": "2020-01-03T01:00:00Z"}
                ],
            },
            {"author": None, "body": "Me too", "created_at": "2020-01-04T00:00:00Z"},
            {"author": "rex", "body": "Stale?", "created_at": "2020-02-04T00:00:00Z"},
        ],
        "events": [
            {
                "kind": "labeled",
                "actor": "tria",
                "label": "bug",
                "created_at": "2020-01-02T00:00:00Z",
            },
            {
                "kind": "assigned",
                "actor": "tria",
                "detail": "tria",
                "created_at": "2020-01-02T00:00:01Z",
            },
            {
                "kind": "milestoned",
                "actor": "tria",
                "detail": "1.0",
                "created_at": "2020-01-02T00:00:02Z",
            },
            {
                "kind": "renamed",
                "actor": "amy",
                "detail": "Widget breaks",
                "before": "Brakes",
                "created_at": "2020-01-02T00:00:03Z",
            },
            {
                "kind": "cross-referenced",
                "actor": "bob",
                "source": {"repository": SOURCE, "number": 2},
                "created_at": "2020-01-05T00:00:00Z",
            },
        ],
    },
    {
        "record": "item",
        "repository": SOURCE,
        "number": 2,
        "kind": "pull_request",
        "title": "Mend widget",
        "author": "bob",
        "created_at": "2020-01-05T00:00:00Z",
        "comments": [{"author": "amy", "body": "Thanks", "created_at": "2020-01-06T00:00:00Z"}],
        "events": [
            {
                "kind": "review_requested",
                "actor": "bob",
                "detail": "walt",
                "created_at": "2020-01-05T02:00:00Z",
            }
        ],
        "pull": {
            "paths": [{"path": "widget/core.py", "additions": 3, "deletions": 1}],
            "closes": [1],
            "review_requests": ["walt"],
            "reviews": [
                {
                    "author": "tria",
                    "state": "APPROVED",
                    "body": "Good",
                    "submitted_at": "2020-01-07T00:00:00Z",
                }
            ],
            "checks": "SUCCESS",
            "mergeable": "MERGEABLE",
        },
    },
    {
        "record": "item",
        "repository": SOURCE,
        "number": 3,
        "title": "Old",
        "author": None,
        "created_at": "2019-01-01T00:00:00Z",
        "state": "closed",
        "closed_at": "2019-02-01T00:00:00Z",
        "closed_by": "tria",
        "state_reason": "not_planned",
    },
    {
        "record": "item",
        "repository": SOURCE,
        "number": 4,
        "title": "Heated",
        "author": "amy",
        "locked": True,
        "lock_reason": "too heated",
        "created_at": "2020-03-01T00:00:00Z",
    },
    {
        "record": "item",
        "repository": TARGET,
        "number": 1,
        "title": "New home",
        "author": "bob",
        "created_at": "2020-04-01T00:00:00Z",
    },
]
"""A small world: an issue with a full thread, a pull request, a closed and a locked issue."""
