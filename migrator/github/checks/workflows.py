"""Which programs in a repository's ``.github/`` would fight us: close, label, lock or answer the
items that we act on.

A workflow is recognised by the actions that it uses and by what starts it
(https://docs.github.com/actions/writing-workflows/workflow-syntax-for-github-actions), a Probot App
by its settings file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.domain.items import Frozen
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.parsing.lenient_yaml import entries, mapping, read_mapping

_EXEMPT = re.compile(r"exempt", re.IGNORECASE)
_WORKFLOWS = ".github/workflows/"


class ConflictingBot(Frozen, frozen=True, kw_only=True):
    """A kind of program at work on issues. ``does`` continues the sentence "it ..."; ``cure``
    takes ``{label}``."""

    code: str
    does: str
    cure: str
    level: CheckLevel = CheckLevel.WARNING


_STALE = ConflictingBot(
    code="workflow.stale",
    does="closes or marks items that no one touches, also those that our notice keeps open",
    cure="add {label} to its exempt labels, or disable it until the migration is done",
)
_LOCK = ConflictingBot(
    code="workflow.lock",
    does="locks closed items, so that authors could not object to a close",
    cure=(
        "give it a term longer than people need to object, or disable it until the migration is "
        "done"
    ),
)
_LABEL = ConflictingBot(
    code="workflow.label",
    does="puts labels on items by their text or paths, and may add or remove what the rules read",
    cure="see that it leaves {label} and the labels of the migration file alone",
)
_ANSWER = ConflictingBot(
    code="workflow.answer",
    does="answers or closes new items, so that a person gets two automatic answers",
    cure="disable it for items that the migration welcomes, or leave the welcome to it",
)
_REACTS = ConflictingBot(
    code="workflow.reacts",
    does="runs on comments, labels or closes and may write to items: our writes start it",
    cure="read it, and have it leave our account's acts alone",
    level=CheckLevel.INFO,
)

ACTIONS: dict[str, ConflictingBot] = {
    "actions/stale": _STALE,
    "krizzu/issue-stale-notifier": _STALE,
    "lee-dohm/no-response": _STALE,
    "dessant/lock-threads": _LOCK,
    "actions/labeler": _LABEL,
    "github/issue-labeler": _LABEL,
    "damccorm/tag-ur-it": _LABEL,
    "actions/first-interaction": _ANSWER,
    "roots/issue-closer-action": _ANSWER,
    "dessant/repo-lockdown": _ANSWER,
    "dessant/support-requests": _ANSWER,
    "dessant/label-actions": _ANSWER,
    "peter-evans/close-issue": _ANSWER,
}
"""Known actions, by ``owner/name``."""

SETTINGS: dict[str, ConflictingBot] = {
    "stale.yml": _STALE,
    "no-response.yml": _STALE,
    "lock.yml": _LOCK,
    "issuelabeler.yml": _LABEL,
    "issue_label_bot.yaml": _LABEL,
    "bot_config.yml": _ANSWER,
    "config.yml": _ANSWER,
    "support.yml": _ANSWER,
    "label-actions.yml": _ANSWER,
}
"""Settings files right in ``.github/`` that steer Apps at work on issues; ``config.yml`` only
with one of :data:`ANSWERING`."""

ANSWERING = frozenset({"newIssueWelcomeComment", "newPRWelcomeComment", "requestInfoReplyComment"})
_STARTERS = frozenset({"issues", "issue_comment", "pull_request_target"})


def workflow_findings(
    repository: str, files: Mapping[str, str], label: str
) -> Iterator[CheckResult]:
    """Every rival found in ``files`` (path below the repository's root -> text). ``label`` is
    what we add to items."""
    for path, text in sorted(files.items()):
        rival = (
            _in_workflow(text, label)
            if path.startswith(_WORKFLOWS)
            else _in_settings(path, text, label)
        )
        if rival is not None:
            cure = rival.cure.format(label=f"`{label}`" if label else "a label of ours")
            message = f"{path}: it {rival.does}"
            yield CheckResult(
                code=rival.code,
                level=rival.level,
                subject=repository,
                message=message,
                cure=f"{path}: {cure}",
            )


def _in_settings(path: str, text: str, label: str) -> ConflictingBot | None:
    name = path.removeprefix(".github/")
    rival = SETTINGS.get(name)
    settings = read_mapping(text)
    if rival is None or (name == "config.yml" and not ANSWERING & settings.keys()):
        return None
    return None if rival is _STALE and _is_exempt(settings, label) else rival


def _in_workflow(text: str, label: str) -> ConflictingBot | None:
    """The strongest rival among a workflow's steps; else whether our writes would start it with
    the right to write."""
    workflow = read_mapping(text)
    found = [
        (rival, step)
        for step in _steps(workflow)
        for name, rival in ACTIONS.items()
        if _uses(step) == name
    ]
    rivals = [
        rival
        for rival, step in found
        if not (rival is _STALE and _is_exempt(mapping(step.get("with")), label))
    ]
    if rivals:
        return min(rivals, key=[_STALE, _LOCK, _ANSWER, _LABEL].index)
    return None if found or not _reacts(workflow) else _REACTS


def opened_workflows(files: Mapping[str, str]) -> tuple[str, ...]:
    """Paths of the workflows that each new issue starts, a transferred one too: GitHub tells of
    both as ``issues: opened`` (https://github.com/getsentry/.github/issues/41)."""
    found = (
        path
        for path, text in files.items()
        if path.startswith(_WORKFLOWS) and _starts_on_opened(read_mapping(text))
    )
    return tuple(sorted(found))


def _starts_on_opened(workflow: Mapping[str, Any]) -> bool:
    """Whether ``on`` names ``issues`` without types, or with ``opened`` among them."""
    starters = workflow.get("on", workflow.get(True))  # type: ignore[call-overload]
    if isinstance(starters, Mapping):
        types = mapping(starters.get("issues")).get("types")
        return "issues" in starters and (types in (None, "opened") or "opened" in entries(types))
    return starters == "issues" or "issues" in entries(starters)


def _steps(workflow: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every step, and every job that is a workflow of its own."""
    for job in mapping(workflow.get("jobs")).values():
        yield mapping(job)
        yield from map(mapping, entries(mapping(job).get("steps")))


def _uses(step: Mapping[str, Any]) -> str:
    """``owner/name`` of the action, without folder and version."""
    return "/".join(str(step.get("uses") or "").partition("@")[0].lower().split("/")[:2])


def _reacts(workflow: Mapping[str, Any]) -> bool:
    """YAML 1.1 reads the key ``on`` as true."""
    starters = workflow.get("on", workflow.get(True))  # type: ignore[call-overload]
    names = [starters, *entries(starters), *mapping(starters)]
    return any(name in _STARTERS for name in names if isinstance(name, str)) and _may_write(
        workflow
    )


def _may_write(workflow: Mapping[str, Any]) -> bool:
    """Whether some permission to write issues is asked for; nothing said means the repository's
    default, which may be write."""
    jobs = mapping(workflow.get("jobs")).values()
    asked = [workflow.get("permissions"), *(mapping(job).get("permissions") for job in jobs)]
    said = [permissions for permissions in asked if permissions is not None]
    return not said or any(_writes(permissions) for permissions in said)


def _writes(permissions: Any) -> bool:
    if isinstance(permissions, dict):
        return "write" in (permissions.get("issues"), permissions.get("pull-requests"))
    return str(permissions) == "write-all"


def _is_exempt(settings: Mapping[Any, Any], label: str) -> bool:
    """Whether our label is among the exempt ones (a list, or names separated by commas)."""
    for key, value in settings.items():
        if label and _EXEMPT.search(str(key)):
            names = value if isinstance(value, list) else str(value).split(",")
            if label.casefold() in {str(name).strip().casefold() for name in names}:
                return True
    return False
