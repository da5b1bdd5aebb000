"""Nodes of accounts and repositories -> what they are. How a repository takes issues stands partly
in its files.

Issue forms are YAML files in its tree.

https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-issue-forms
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migrator.domain.items import AccountType
from migrator.domain.notices.facts import FormField, IssueTemplate, TargetFacts
from migrator.github.models import (
    Account,
    ContactLink,
    IssueFormField,
    IssueTemplateFile,
    Label,
    Permission,
    RepositoryFacts,
)
from migrator.github.parsing.events import account_type
from migrator.github.parsing.items import nodes
from migrator.github.parsing.lenient_yaml import entries, mapping, read_mapping

FORMS = ".github/ISSUE_TEMPLATE"
_FOLDERS = {"settings": ".github", "workflows": ".github/workflows", "forms": FORMS}


def label(node: Mapping[str, Any]) -> Label:
    """One label."""
    return Label(
        id=node["id"], name=node["name"], color=node["color"], description=node["description"] or ""
    )


def account(node: Mapping[str, Any]) -> Account:
    """The ``viewer``. For an App's installation its type is ``User`` all the same, and only the
    login's ending tells."""
    is_bot = node["login"].endswith("[bot]")
    return Account(
        login=node["login"].removesuffix("[bot]"),
        id=node["id"],
        database_id=node["databaseId"] or 0,
        type=AccountType.BOT if is_bot else account_type(node["__typename"]),
    )


def repository_facts(node: Mapping[str, Any]) -> RepositoryFacts:
    """One repository of the ``Survey`` question, with the first and last hundred of its labels."""
    files = {
        path: text for key, folder in _FOLDERS.items() for path, text in _texts(folder, node[key])
    }
    return RepositoryFacts(
        id=node["id"],
        name=node["nameWithOwner"],
        url=node["url"],
        private=node["isPrivate"],
        archived=node["isArchived"],
        disabled=node["isDisabled"] or node["isLocked"],
        issues_enabled=node["hasIssuesEnabled"],
        blank_issues=node["isBlankIssuesEnabled"],
        viewer_permission=Permission.of(node["viewerPermission"]),
        default_branch=(node["defaultBranchRef"] or {}).get("name", ""),
        watchers=node["watchers"]["totalCount"],
        open_issues=node["openIssues"]["totalCount"],
        open_pulls=node["openPulls"]["totalCount"],
        labels=tuple(
            dict.fromkeys(map(label, (*nodes(node["labels"]), *nodes(node["lastLabels"]))))
        ),
        milestones=_milestones(node["milestones"]),
        templates=tuple(_template(entry, files) for entry in node["issueTemplates"] or ()),
        contact_links=tuple(
            ContactLink(name=entry["name"], url=entry["url"], about=entry["about"])
            for entry in node["contactLinks"] or ()
        ),
        files=files,
    )


def _milestones(connection: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Titles of all milestones, ``None`` if one is not shown."""
    found = [node for node in (connection or {}).get("nodes") or () if node is not None]
    if connection is None or len(found) < connection["totalCount"]:
        return None
    return tuple(node["title"] for node in found)


def _texts(folder: str, tree: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Path and text of each text file right in a folder; nothing if the folder does not exist."""
    entries = (
        (entry["name"], entry["object"] or {}) for entry in (tree or {}).get("entries") or ()
    )
    return [
        (f"{folder}/{name}", blob["text"])
        for name, blob in entries
        if isinstance(blob.get("text"), str)
    ]


def _template(node: Mapping[str, Any], files: Mapping[str, str]) -> IssueTemplateFile:
    file = node["filename"]
    fields = (
        form_fields(files.get(f"{FORMS}/{file}", "")) if file.endswith((".yml", ".yaml")) else ()
    )
    return IssueTemplateFile(
        file=file,
        name=node["name"],
        title=node["title"] or "",
        about=node["about"] or "",
        fields=fields,
    )


def form_fields(text: str) -> tuple[IssueFormField, ...]:
    """Inputs of a YAML issue form, in its order; empty if the text is no such form. Parts that
    only explain are left out."""
    parts = map(mapping, entries(read_mapping(text).get("body")))
    return tuple(_field(part) for part in parts if part and part.get("type") != "markdown")


def _field(part: Mapping[str, Any]) -> IssueFormField:
    attributes, validations = mapping(part.get("attributes")), mapping(part.get("validations"))
    return IssueFormField(
        id=str(part.get("id") or ""),
        type=str(part.get("type") or ""),
        label=str(attributes.get("label") or ""),
        required=bool(validations.get("required")),
    )


def target_facts_of(facts: RepositoryFacts) -> TargetFacts:
    """How that repository takes new issues: what notices need to know of a target."""
    templates = tuple(
        IssueTemplate(
            filename=template.file,
            name=template.name,
            fields=tuple(
                FormField(id=field.id, type=field.type, required=field.required)
                for field in template.fields
            ),
        )
        for template in facts.templates
    )
    return TargetFacts(
        blank_issues=facts.blank_issues,
        templates=templates,
        has_issues=facts.issues_enabled,
        archived=facts.archived,
    )
