"""One thing found, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from migrator.domain.items import Frozen


class CheckLevel(StrEnum):
    """``ERROR``: the migration would fail or do harm. ``WARNING``: look before going on.
    ``INFO``: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class CheckResult(Frozen, frozen=True, kw_only=True):
    """``code`` is stable and made for programs (``repository.archived``).

    ``subject`` is what it is about: a repository, an address, an account.
    """

    code: str
    level: CheckLevel
    subject: str = ""
    message: str
    cure: str = ""


def worst_first(findings: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Errors, warnings, then the rest; in each, as they came."""
    return tuple(sorted(findings, key=lambda finding: list(CheckLevel).index(finding.level)))
