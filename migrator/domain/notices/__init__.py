"""Every text that we post: notices, the texts that replace them, and the address for opening an
issue again."""

from __future__ import annotations

from migrator.domain.marker import with_nonce
from migrator.domain.notices.checking import TextProblem, check_templates
from migrator.domain.notices.facts import FormField, IssueTemplate, TargetFacts
from migrator.domain.notices.notices import Notices, prepare
from migrator.domain.notices.refile import Refile, refile
from migrator.domain.notices.view import NoticeChange, NoticeEdit

__all__ = [
    "FormField",
    "IssueTemplate",
    "NoticeChange",
    "NoticeEdit",
    "Notices",
    "Refile",
    "TargetFacts",
    "TextProblem",
    "check_templates",
    "prepare",
    "refile",
    "with_nonce",
]
