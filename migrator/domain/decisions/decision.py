"""The words of deciding: the decisions, their reasons, and what a maintainer may answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec.structs import replace

from migrator.domain.evidence import Activity, Evidence, Grounds, Ownership
from migrator.domain.items import Frozen


class Decision(StrEnum):
    """What is done to an item."""

    LEAVE = "leave"
    REVIEW = "review"
    REDIRECT = "redirect"
    TRANSFER = "transfer"
    RETIRE = "retire"
    ASK = "ask"
    PORT = "port"
    CLEAR = "clear"
    WELCOME = "welcome"


ACTING = frozenset(
    {
        Decision.REDIRECT,
        Decision.TRANSFER,
        Decision.RETIRE,
        Decision.ASK,
        Decision.PORT,
        Decision.CLEAR,
        Decision.WELCOME,
    }
)
"""Decisions that post a notice."""

NOT_OURS = "not_ours"
"""Reason code of what is left alone as another's."""

NOT_PLANNED = "NOT_PLANNED"
"""``IssueClosedStateReason`` of our closes
(https://docs.github.com/graphql/reference/enums#issueclosedstatereason)."""

FIRM_GROUNDS = frozenset({Grounds.LABEL, Grounds.PATH, Grounds.MAINTAINER, Grounds.REVIEWER})
"""Grounds on which an item may be closed; text alone is none, unless it is far more certain."""

REASONS: dict[str, str] = {
    "closed": "It is not open.",
    NOT_OURS: "It does not belong to what moves.",
    "unsure": "The evidence does not say clearly enough who owns it.",
    "not_judged": "It could be read and not judged: a maintainer has to look.",
    "contradiction": "The evidence contradicts itself.",
    "close_needs_grounds": "It would be closed, but only its text says it belongs to what moves.",
    "locked": "It is locked: people could not answer a notice.",
    "reviewer": "A maintainer decided so.",
    "already_told": "A person has already posted the new location.",
    "known_landing": "It already continues in its new repository.",
    "active": "It belongs to what moves, and is active.",
    "stale": "It belongs to what moves, and no one has acted on it within its term.",
    "unanswered": "It is old, but the maintainers have not settled it.",
    "comment_only": "The file says to comment only, so it stays open.",
    "quiet": "It would be closed, but a person acted on it within the quiet days.",
    "pull_request": "The pull request changes what has moved.",
    "draft": "The pull request is a draft.",
    "approved": "The pull request is approved.",
    "head_gone": "Its branch is gone: once closed, no one could open it again.",
    "protected": "The pull request is protected by the file's rules.",
    "before_cutover": "It was left unfinished before the cutover.",
    "after_cutover": "It was opened in its own repository after the cutover.",
    "clear_disabled": "Unfinished items of the new repository are not cleared.",
    "clear_exception": "The file names it as an exception.",
    "arrived": "It is new, and belongs to what moves.",
    "already_done": "Our notice already stands.",
    "notice_deleted": "Our notice was deleted here, so none is posted again.",
    "reopened": "It was opened again after we closed it, so it is not closed again.",
    "close_after_notice": "Our notice says it stays open; a maintainer has to confirm a close.",
    "transferred": "It was transferred here from the source repository.",
    "unknown_item": "An old ledger entry of this name may mean another item.",
}
"""Every reason code with its sentence; ``docs/activity.md`` explains when each is given."""


class ReviewAnswer(Frozen, frozen=True, kw_only=True):
    """What a maintainer answered about one item: who, when, why. Empty parts were not answered.

    An ownership answer holds for good. ``activity`` holds too, except that a person who speaks
    after a ``stale`` has said something new. ``decision`` names what to do outright; if that
    closes, it is overtaken by a person in the same way.

    ``by_information``: the item was asked about because an answer teaches much, so the answer does
    not tell how often verdicts are wrong. ``copied_from`` names the item whose answer this one
    repeats: nobody looked at this item alone.
    """

    by: str
    at: datetime
    reason: str = ""
    ownership: Ownership | None = None
    activity: Activity | None = None
    decision: Decision | None = None
    part: str = ""
    by_information: bool = False
    copied_from: str = ""


_KEEPS_OPEN = frozenset({Decision.LEAVE, Decision.REVIEW, Decision.REDIRECT})


def together(answers: Sequence[ReviewAnswer]) -> ReviewAnswer:
    """What several answers on one item (at least one, oldest first) say together: the newest, and
    what it leaves open.

    Whose the item is, that it is alive, and a decision that keeps it open hold until somebody
    answers that anew. What would close it is not carried into a newer answer: it was given before
    something that made a person look again.
    """
    said = answers[0]
    for newer in answers[1:]:
        whose = newer if newer.ownership is not None else said
        alive = said.activity if said.activity is Activity.ACTIVE else None
        kept = said.decision if newer.activity is None and said.decision in _KEEPS_OPEN else None
        said = replace(
            newer,
            ownership=whose.ownership,
            part=newer.part or whose.part,
            by_information=newer.by_information or whose.by_information,
            copied_from=newer.copied_from or whose.copied_from,
            activity=newer.activity or alive,
            decision=newer.decision or kept,
        )
    return said


class Decided(Frozen, frozen=True, kw_only=True):
    """One decision. ``code`` is a word of :data:`REASONS`, ``message`` the sentence for people.

    ``closes`` says whether a close follows the notice, ``grace_days`` after how many days.
    ``close_reason`` is GraphQL's word, empty for pull requests, which have none.
    """

    decision: Decision
    code: str
    message: str
    deciding: Evidence
    part: str = ""
    closes: bool = False
    close_reason: str = ""
    grace_days: int = 0
    label: str = ""

    @property
    def notice(self) -> bool:
        """Whether a notice is posted."""
        return self.decision in ACTING
