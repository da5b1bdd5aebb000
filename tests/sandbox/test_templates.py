"""What a repository says about new issues."""

from __future__ import annotations

from migrator.sandbox.entities import Repository
from migrator.sandbox.templates import blank_issues_enabled, contact_links, issue_templates

CONFIG = """blank_issues_enabled: false
contact_links:
  - name: Forum
    url: https://forum.example
    about: Ask there
  - about: "Report here"
    name: 'Security'
    url: https://security.example
"""
FORM = """name: Bug form
description: With fields
title: "[Bug]: "
labels: [bug, triage]
body:
  - type: textarea
    id: what
"""
MARKDOWN = (
    "---\nname: Bug\nabout: Something broke\nlabels: bug, 'help wanted'\nassignees: "
    "''\n---\n\nWhat broke?\n"
)


def repository(**files: str) -> Repository:
    """A repository with issue templates; names are written with underscores for dots."""
    folder = ".github/ISSUE_TEMPLATE/"
    return Repository(
        name="a/b", files={folder + name.replace("_", "."): text for name, text in files.items()}
    )


def test_templates_come_from_front_matter_and_from_forms() -> None:
    """Forms have no body text; the configuration is no template."""
    bug, form = issue_templates(repository(bug_md=MARKDOWN, form_yml=FORM, config_yml=CONFIG))
    assert (bug["filename"], bug["name"], bug["about"], bug["label_names"]) == (
        "bug.md",
        "Bug",
        "Something broke",
        ["bug", "help wanted"],
    )
    assert (bug["body"], bug["assignee_names"]) == ("What broke?\n", [])
    assert (form["name"], form["about"], form["title"], form["body"]) == (
        "Bug form",
        "With fields",
        "[Bug]: ",
        None,
    )
    assert form["label_names"] == ["bug", "triage"]


def test_contact_links_are_read_in_any_order_of_their_keys() -> None:
    """Each with name, address and what it is about."""
    assert contact_links(repository(config_yml=CONFIG)) == [
        {"name": "Forum", "url": "https://forum.example", "about": "Ask there"},
        {"name": "Security", "url": "https://security.example", "about": "Report here"},
    ]
    assert contact_links(repository()) == []


def test_blank_issues_are_off_if_either_side_says_so() -> None:
    """The configuration file, or the world file."""
    assert blank_issues_enabled(repository())
    assert not blank_issues_enabled(repository(config_yml=CONFIG))
    assert not blank_issues_enabled(Repository(name="a/b", blank_issues=False))
