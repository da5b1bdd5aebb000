"""What a repository's ``.github/ISSUE_TEMPLATE`` says about new issues.

https://docs.github.com/communities/using-templates-to-encourage-useful-issues-and-pull-requests/configuring-issue-templates-for-your-repository
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from migrator.sandbox.entities import Repository

FOLDER = ".github/ISSUE_TEMPLATE"
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*\n?(.*)\Z", re.DOTALL)
_SETTING = re.compile(r"^(\w+):[ \t]*(.*)$", re.MULTILINE)


def _unquote(value: str) -> str:
    return value.strip().strip("'\"")


def _settings(text: str) -> dict[str, str]:
    """Return the top-level ``key: value`` lines of a YAML text: all that templates need here."""
    return {key: _unquote(value) for key, value in _SETTING.findall(text)}


def _configuration(repository: Repository) -> str:
    return (
        repository.files.get(f"{FOLDER}/config.yml")
        or repository.files.get(f"{FOLDER}/config.yaml")
        or ""
    )


def blank_issues_enabled(repository: Repository) -> bool:
    """Return whether an issue may be opened without a template."""
    said = _settings(_configuration(repository)).get("blank_issues_enabled", "").lower()
    return repository.blank_issues and said != "false"


def contact_links(repository: Repository) -> list[dict[str, str]]:
    """Return the links that the template chooser shows, as GraphQL's ``RepositoryContactLink``."""
    links: list[dict[str, str]] = []
    for key, value in re.findall(
        r"^\s*(?:-\s+)?(name|url|about):\s*(.+)$", _configuration(repository), re.MULTILINE
    ):
        if not links or key in links[-1]:
            links.append({})
        links[-1][key] = _unquote(value)
    return [{"name": "", "url": "", "about": "", **link} for link in links]


def issue_templates(repository: Repository) -> list[dict[str, Any]]:
    """Return the issue templates: Markdown with front matter, and YAML forms (which have no
    ``body`` text)."""
    found = []
    for path, text in sorted(repository.files.items()):
        name = PurePosixPath(path)
        if str(name.parent) != FOLDER or name.stem == "config":
            continue
        if name.suffix == ".md" and (front := _FRONT.match(text)):
            found.append(_template(name.name, _settings(front[1]), front[2]))
        elif name.suffix in (".yml", ".yaml"):
            found.append(_template(name.name, _settings(text), None))
    return found


def _template(filename: str, settings: dict[str, str], body: str | None) -> dict[str, Any]:
    return {
        "filename": filename,
        "name": settings.get("name") or filename,
        "about": settings.get("about") or settings.get("description"),
        "title": settings.get("title", ""),
        "body": body,
        "label_names": [
            _unquote(part)
            for part in settings.get("labels", "").strip("[]").split(",")
            if part.strip()
        ],
        "assignee_names": [
            _unquote(part)
            for part in settings.get("assignees", "").strip("[]").split(",")
            if part.strip()
        ],
    }


def pull_request_templates(repository: Repository) -> list[dict[str, Any]]:
    """Return the texts that new pull requests begin with."""
    return [
        {"filename": PurePosixPath(path).name, "body": text}
        for path, text in sorted(repository.files.items())
        if PurePosixPath(path).stem.lower() == "pull_request_template"
    ]
