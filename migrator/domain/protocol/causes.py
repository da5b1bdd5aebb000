"""Why a run or the listener waits or stopped: the fixed list that metrics and alerts use.

The sentence for people stands beside it, in the run's ``reason``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class HoldCause(StrEnum):
    """One word for each cause. The account's are those of :mod:`migrator.github.refusals`."""

    NONE = ""
    MAINTAINER = "maintainer"
    LIMIT = "limit"
    UNAVAILABLE = "unavailable"
    CLOCK = "clock"
    QUIET_HOURS = "quiet_hours"
    WAVES_PER_DAY = "waves_per_day"
    NOTICES_PER_PERSON = "notices_per_person"
    TIME_LIMIT = "time_limit"
    NOT_REVIEWED = "not_reviewed"
    REPEATED_ACTS = "repeated_acts"
    REFUSED_IN_A_ROW = "refused_in_a_row"
    LIMIT_ERRORS = "limit_errors"
    REOPENS = "reopens"
    APPEALS = "appeals"
    THUMBS_DOWN = "thumbs_down"
    CANARY = "canary"
    DIFFERENCES = "differences"
    REFUSED = "refused"
    CREDENTIALS = "credentials"
    ROLE = "role"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"
    IP_ALLOW_LIST = "ip_allow_list"
    SINGLE_SIGN_ON = "single_sign_on"
    OAUTH_RESTRICTIONS = "oauth_restrictions"
    BLOCKED = "blocked"
    ISSUES_DISABLED = "issues_disabled"
    REPOSITORY_BLOCKED = "repository_blocked"
    SCOPES = "scopes"
    API_VERSION = "api_version"
    REPLACED = "replaced"
    NO_PROCESS = "no_process"
    OTHER = "other"


_OTHER_NAMES = {"limited": HoldCause.LIMIT, "unauthenticated": HoldCause.CREDENTIALS}
"""Words of the log event ``deliveries are held`` that differ from the list."""


def hold_cause(word: str) -> HoldCause:
    """The cause that a word names; ``OTHER`` for a word that is not on the list."""
    if word in _OTHER_NAMES:
        return _OTHER_NAMES[word]
    return HoldCause(word) if word in list(HoldCause) else HoldCause.OTHER


class StopReason(NamedTuple):
    """Why a run must stop: the cause for counting, and a sentence for people."""

    cause: HoldCause
    words: str
