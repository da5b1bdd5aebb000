"""Is each repository there, open for us, and does it take issues the way the notices will tell
people?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.domain.notices.refile import entrance
from migrator.domain.rules import MigrationFile, Part
from migrator.github.app import Installation
from migrator.github.checks.results import CheckLevel, CheckResult
from migrator.github.manifest import READS, WRITES
from migrator.github.models import Permission, RepositoryFacts
from migrator.github.parsing.repositories import target_facts_of


def repository_findings(asked: str, facts: RepositoryFacts) -> Iterator[CheckResult]:
    """State of one repository that was asked for as ``asked``."""
    if facts.name.casefold() != asked.casefold():
        yield _error(
            "repository.renamed",
            asked,
            f"{asked} is called {facts.name} now",
            f"write {facts.name} in the migration file",
        )
    if facts.archived:
        yield _error(
            "repository.archived",
            asked,
            f"{asked} is archived: nothing can be written there",
            "unarchive it, or leave it out",
        )
    if facts.disabled:
        yield _error(
            "repository.disabled",
            asked,
            f"GitHub has disabled or locked {asked}",
            "ask its owner, or GitHub's support",
        )


def target_findings(part: Part, facts: RepositoryFacts) -> Iterator[CheckResult]:
    """Whether people can follow a notice of this part and open their issue in its target."""
    where = part.target
    if not facts.issues_enabled:
        yield _error(
            "refile.issues_off",
            where,
            f"{where} takes no issues",
            "enable issues there, or name another target",
        )
        return
    form = part.refile
    names = ", ".join(template.file for template in facts.templates) or "none"
    if not form.template:
        yield from _unnamed_template_findings(part, facts, names)
        return
    if facts.template(form.template) is None:
        cure = f"set `parts.refile.template` of {part.name!r} to one of: {names}"
        yield _error(
            "refile.template_missing",
            where,
            f"{where} has no issue template {form.template!r}",
            cure,
        )
        return
    yield from _field_findings(part, facts)


def _unnamed_template_findings(
    part: Part, facts: RepositoryFacts, names: str
) -> Iterator[CheckResult]:
    """Where blank issues are off and the file names no template: which one the notices take, or
    that none takes a text."""
    if facts.blank_issues:
        return
    where, cure = part.target, f"set `parts.refile.template` of {part.name!r} to one of: {names}"
    way = entrance(part, target_facts_of(facts))
    if not way.field:
        yield _error(
            "refile.template_needed",
            where,
            f"{where} takes no blank issues: a prefilled text would be lost",
            cure,
        )
        return
    message = (
        f"{where} takes no blank issues: notices carry items over with its template {way.template}"
    )
    yield CheckResult(
        code="refile.template_chosen",
        level=CheckLevel.INFO,
        subject=where,
        message=message,
        cure=f"for another one, {cure}",
    )


def _field_findings(part: Part, facts: RepositoryFacts) -> Iterator[CheckResult]:
    """Whether the text goes into a field that the YAML form has."""
    template, field = facts.template(part.refile.template), part.refile.body_field
    ids = [entry.id for entry in template.fields if entry.id] if template is not None else []
    if not template or (not template.fields and not field):
        return
    if not template.fields:
        message = f"{template.file} is no form with fields, so `body_field` has no effect"
        yield CheckResult(
            code="refile.field_unused",
            level=CheckLevel.WARNING,
            subject=part.target,
            message=message,
            cure="remove `body_field`",
        )
    elif field not in ids:
        lack = f"has no field {field!r}" if field else "needs a field for the text"
        cure = (
            f"set `parts.refile.body_field` of {part.name!r} to one of: "
            f"{', '.join(ids) or 'none: give a field an id'}"
        )
        yield _error("refile.field_missing", part.target, f"the form {template.file} {lack}", cure)


def permission_findings(
    asked: str, facts: RepositoryFacts, *, needed: Permission
) -> Iterator[CheckResult]:
    """Whether the account's role allows what is planned there."""
    held = facts.viewer_permission
    if not held.allows(needed):
        purpose = "transfer issues" if needed is Permission.WRITE else "label and close"
        message = f"the account's role in {asked} is {held}, and {needed} is needed to {purpose}"
        yield _error(
            "permission.missing",
            asked,
            message,
            f"give the account the role {needed}, or set `decisions.comment_only` for a trial",
        )


def installation_findings(asked: str, installation: Installation | None) -> Iterator[CheckResult]:
    """What keeps an App's installation from reaching a repository."""
    owner = asked.partition("/")[0]
    if installation is None:
        cure = (
            f"install the App for {owner} with {asked} among its repositories, or mend the name "
            "in the migration file"
        )
        yield _error(
            "app.not_installed",
            asked,
            f"the App is not installed for {asked}, or there is no such repository",
            cure,
        )
    elif installation.suspended:
        cure = f"have an owner of {owner} unsuspend it"
        yield _error(
            "app.suspended", asked, f"the App's installation for {owner} is suspended", cure
        )


def app_permission_findings(
    asked: str, permissions: Mapping[str, str], *, writes: bool
) -> Iterator[CheckResult]:
    """Whether an App's installation may do what is planned in a repository. ``permissions`` are the
    installation's, by name.

    https://docs.github.com/apps/creating-github-apps/registering-a-github-app/choosing-permissions-for-a-github-app
    """
    for name, least in (WRITES if writes else READS).items():
        held = permissions.get(name, "none")
        if held != "write" and held != least:
            message = (
                f"the App's installation for {asked} has {name}: {held}, and {least} is needed"
            )
            cure = "change the App's permissions, then accept them in the installation's settings"
            yield _error("app.permission_missing", asked, message, cure)


def label_findings(
    file: MigrationFile, repository: str, facts: RepositoryFacts, *, creates: bool
) -> Iterator[CheckResult]:
    """Labels that we add (created if missing, where the account may: ``creates``), and labels
    that the rules read."""
    for name in sorted(labels_to_add(file, repository)):
        if facts.label(name) is None and creates:
            message = f"the label {name!r} does not exist in {repository} and will be created"
            yield CheckResult(
                code="label.created", level=CheckLevel.INFO, subject=repository, message=message
            )
        elif facts.label(name) is None:
            message = (
                f"the label {name!r} does not exist in {repository}, and the account may not "
                "create it"
            )
            yield _error(
                "label.missing",
                repository,
                message,
                f"create {name!r} by hand, or give the account the role write",
            )
    if repository == file.migration.source:
        yield from _known_label_findings(file, facts)


def _known_label_findings(file: MigrationFile, facts: RepositoryFacts) -> Iterator[CheckResult]:
    read = {
        *file.ownership.labels.ours,
        *file.ownership.labels.not_ours,
        *file.activity.protecting_labels,
    }
    missing = sorted(name for name in read if "*" not in name and facts.label(name) is None)
    if missing:
        message = (
            f"the rules read labels that {facts.name} does not have: "
            f"{', '.join(map(repr, missing))}"
        )
        cure = "mend the names in the migration file, or remove those that are history"
        yield CheckResult(
            code="label.unknown",
            level=CheckLevel.WARNING,
            subject=facts.name,
            message=message,
            cure=cure,
        )


def labels_to_add(file: MigrationFile, repository: str) -> frozenset[str]:
    """Names of the labels that decisions may add to items of ``repository``."""
    rules = file.decisions
    names: set[str] = set()
    if repository == file.migration.source:
        names |= {rules.redirect.label, rules.retire.label, rules.port.label, rules.welcome.label}
    if repository in file.targets and rules.clear.enabled:
        names.add(rules.clear.label)
    return frozenset() if rules.comment_only else frozenset(names - {""})


def _error(code: str, subject: str, message: str, cure: str) -> CheckResult:
    return CheckResult(
        code=code, level=CheckLevel.ERROR, subject=subject, message=message, cure=cure
    )
