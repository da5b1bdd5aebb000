"""What notices need to know of a target repository, from what GitHub says about it."""

from __future__ import annotations

from migrator.domain.notices.facts import FormField, IssueTemplate, TargetFacts
from migrator.github.models import RepositoryFacts


def target_facts_of(facts: RepositoryFacts) -> TargetFacts:
    """How that repository takes new issues."""
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
