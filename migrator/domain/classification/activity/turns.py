"""Whose turn is it? What was said tells, and labels that are newer than that."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import ActivityFacts, Turn
from migrator.domain.evidence import MaintainerReply, ReplyKind
from migrator.domain.items import Frozen
from migrator.domain.rules import ActivityRules
from migrator.domain.rules.base import listed_among

__all__ = ["Turn", "Turns", "turns_of"]

SAID_WITH = timedelta(minutes=10)
"""A label that waits for the author goes with a comment of a maintainer from about then: that is
what was asked."""


class Turns(Frozen, frozen=True, kw_only=True):
    """Whose turn it is, whether the maintainers have left it unsettled, and since when a label
    waits for the author.

    ``asked_at`` is set only where a dated label asks the author and nobody but the project has
    spoken since: the one case in which the shorter term runs. ``reply`` is what a maintainer said
    that the turn follows from.
    """

    awaiting: Turn
    unanswered: bool
    asked_at: datetime | None = None
    label: str = ""
    reply: MaintainerReply | None = None


def turns_of(facts: ActivityFacts, rules: ActivityRules) -> Turns:
    """Whose turn it is in this thread. Of a label and of what was said the newer one holds; an
    undated label never closes."""
    asked_label, asked_at = _newest(facts, rules.awaiting_author_labels)
    wait_label, wait_at = _newest(facts, rules.awaiting_maintainer_labels)
    standing = facts.standing
    said_at = standing.reply.at if standing.reply else None
    waits = bool(wait_label) and not _is_later(asked_at, wait_at)
    if waits and not (standing.turn is not Turn.MAINTAINERS and _is_later(said_at, wait_at)):
        return Turns(
            awaiting=Turn.MAINTAINERS,
            unanswered=facts.author_word is not None,
            label=wait_label,
            reply=standing.reply,
        )
    acknowledged = standing.reply is not None and standing.reply.kind is ReplyKind.ACKNOWLEDGED
    kept = acknowledged and standing.turn is Turn.MAINTAINERS and _is_later(said_at, asked_at)
    if asked_at is not None and not waits and not kept and not _spoke_since(asked_at, facts):
        reply = _asking(standing.reply, asked_at)
        return Turns(
            awaiting=Turn.AUTHOR,
            unanswered=False,
            asked_at=_last_asked(asked_at, facts),
            label=asked_label,
            reply=reply,
        )
    return Turns(
        awaiting=standing.turn,
        unanswered=standing.turn is Turn.MAINTAINERS or standing.explained,
        reply=standing.reply,
    )


def _asking(reply: MaintainerReply | None, asked_at: datetime) -> MaintainerReply | None:
    """What the label goes with. A comment that by itself asks nothing was followed by a label
    that does."""
    if (
        reply is None
        or reply.at > asked_at + SAID_WITH
        or reply.kind in (ReplyKind.ASKED, ReplyKind.ANSWERED)
    ):
        return reply
    return replace(reply, kind=ReplyKind.ASKED) if abs(reply.at - asked_at) <= SAID_WITH else reply


def _spoke_since(asked_at: datetime, facts: ActivityFacts) -> bool:
    """Whether the author, or somebody else who has the same trouble, wrote since the label
    asked."""
    return any(
        word is not None and word >= asked_at for word in (facts.author_word, facts.others_word)
    )


def _last_asked(asked_at: datetime, facts: ActivityFacts) -> datetime:
    """When the author was last asked: by the label, or by a routine question after it."""
    return max(asked_at, facts.nag.at) if facts.nag else asked_at


def _newest(facts: ActivityFacts, labels: tuple[str, ...]) -> tuple[str, datetime | None]:
    """The newest of these labels on the item, empty if it has none, and its date, ``None`` if we
    did not see it added."""
    present = listed_among(facts.subject.labels, labels)
    dated = [(facts.labelled[label], label) for label in present if label in facts.labelled]
    if dated:
        at, label = max(dated)
        return label, at
    return (min(present), None) if present else ("", None)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether both dates are known and the first is the later one. What we do not know is held
    against nobody."""
    return one is not None and other is not None and one > other
