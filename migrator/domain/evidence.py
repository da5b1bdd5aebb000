"""What was seen, what bar it was held against, and what it says: the shape of every judgement."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from migrator.domain.items import Frozen


class Leaning(StrEnum):
    """Which way one piece of evidence points."""

    OURS = "ours"
    NOT_OURS = "not_ours"
    ACTIVE = "active"
    STALE = "stale"
    PROTECTS = "protects"
    UNSURE = "unsure"
    NEUTRAL = "neutral"


class Evidence(Frozen, frozen=True, kw_only=True):
    """One signal's finding.

    ``value`` is what was seen in the item, ``bar`` what it was held against (both short, for
    people); ``weight`` is in log-odds for ownership signals and 0 for rules that simply hold or do
    not. ``at``, ``actor`` and ``url`` name the event it rests on, where there is one.
    """

    signal: str
    says: Leaning
    value: str = ""
    bar: str = ""
    weight: float = 0.0
    at: datetime | None = None
    actor: str = ""
    url: str = ""


class Ownership(StrEnum):
    """Whose item it is."""

    OURS = "ours"
    NOT_OURS = "not_ours"
    UNSURE = "unsure"


class Grounds(StrEnum):
    """The strongest kind of ground that an ownership verdict stands on; closing asks for more
    than text."""

    NONE = "none"
    TEXT = "text"
    LABEL = "label"
    PATH = "path"
    MAINTAINER = "maintainer"
    REVIEWER = "reviewer"


class OwnershipVerdict(Frozen, frozen=True, kw_only=True):
    """Whose is it? ``probability`` is that of *ours*, calibrated, 0 to 1; ``part`` names the moved
    part it belongs to.

    ``bars`` are the two thresholds applied (at most the first: not ours; at least the second:
    ours). ``contradiction`` says in words why a person must look, whatever the probability; empty
    if nothing does.
    """

    answer: Ownership
    probability: float
    grounds: Grounds = Grounds.NONE
    part: str = ""
    bars: tuple[float, float] = (0.0, 1.0)
    contradiction: str = ""
    evidence: tuple[Evidence, ...] = ()


class Activity(StrEnum):
    """Is it alive?"""

    ACTIVE = "active"
    STALE = "stale"


class ReplyKind(StrEnum):
    """What a maintainer's comment says about whose turn it is. ``docs/activity.md`` explains
    each."""

    ACKNOWLEDGED = "acknowledged"
    ASKED = "asked"
    ANSWERED = "answered"
    REFUSED = "refused"
    CANNED = "canned"
    NONE = "none"


class MaintainerReply(Frozen, frozen=True, kw_only=True):
    """A comment or review of a maintainer that says whose turn it is: who, when, where, and in
    which sentence."""

    kind: ReplyKind
    at: datetime
    actor: str = ""
    url: str = ""
    sentence: str = ""


class ActivityVerdict(Frozen, frozen=True, kw_only=True):
    """Active or stale, the event that decided it, and how far it is from the other verdict.

    ``clock`` is the last moment at which a person moved the item; ``stale_at`` when it becomes (or
    became) stale, ``None`` if something protects it. ``awaiting`` is whose turn it is: ``author``,
    ``maintainers`` or ``nobody``. ``unanswered`` holds if the maintainers have not settled it:
    they did not answer the author's last word, acknowledged it, or explained it and neither asked
    nor advised anything.
    ``reply`` is what a maintainer said that the turn follows from, ``reproduced`` where one said
    that it happens for them, too. ``wrote_last`` tells when the author last spoke.
    """

    answer: Activity
    clock: datetime
    stale_at: datetime | None = None
    awaiting: str = "nobody"
    unanswered: bool = False
    wrote_last: datetime | None = None
    reply: MaintainerReply | None = None
    reproduced: MaintainerReply | None = None
    already_told: str = ""
    landing: str = ""
    deciding: Evidence
    evidence: tuple[Evidence, ...] = ()
