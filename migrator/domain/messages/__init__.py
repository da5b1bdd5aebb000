"""Every text that we post: notices, the texts that replace them, and the address for opening an issue again."""

from __future__ import annotations

from migrator.domain.marker import with_nonce
from migrator.domain.messages.checking import TextProblem, check_templates
from migrator.domain.messages.facts import FormField, IssueTemplate, TargetFacts
from migrator.domain.messages.notices import Notices, prepare
from migrator.domain.messages.refile import Refile, refile
from migrator.domain.messages.view import Change, Edit

__all__ = [
    "Change",
    "Edit",
    "FormField",
    "IssueTemplate",
    "Notices",
    "Refile",
    "TargetFacts",
    "TextProblem",
    "check_templates",
    "prepare",
    "refile",
    "with_nonce",
]
