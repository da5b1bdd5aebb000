"""An item that could be read and not judged: its verdicts say so, and it goes to a maintainer.

No text may stop anything. Whatever judging raises, a recursion that is too deep or a deadline that
has passed among it, is the one item's matter. Only the kind of error is kept: its message may quote
people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from migrator.domain.classification.activity.events import opening_of
from migrator.domain.classification.activity.facts import ActivityFacts, subject_of
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Item

NOT_JUDGED = "not_judged"
"""Signal of the evidence, and reason code of the decision."""
_Found = TypeVar("_Found")


def attempt(judge: Callable[[], _Found], otherwise: Callable[[Evidence], _Found]) -> _Found:
    """What ``judge`` finds, or what ``otherwise`` makes of why it found nothing."""
    try:
        return judge()
    except Exception as error:
        return otherwise(why_not(error))


def why_not(error: Exception) -> Evidence:
    """Why an item could not be judged."""
    return Evidence(signal=NOT_JUDGED, says=Leaning.NEUTRAL, value=type(error).__name__)


def ownership_not_judged(why: Evidence) -> OwnershipVerdict:
    """Nobody knows whose it is."""
    return OwnershipVerdict(answer=Ownership.UNSURE, probability=0.5, evidence=(why,))


def activity_not_judged(item: Item, why: Evidence) -> ActivityVerdict:
    """Alive, as of its last change: nothing is held against anybody."""
    return ActivityVerdict(
        answer=Activity.ACTIVE, clock=item.updated_at, deciding=why, evidence=(why,)
    )


def facts_not_judged(item: Item, reading: str) -> ActivityFacts:
    """Facts that know no more than that it was opened."""
    return ActivityFacts(reading=reading, subject=subject_of(item), last=opening_of(item))


def of_verdicts(ownership: OwnershipVerdict, activity: ActivityVerdict) -> Evidence | None:
    """Why the item of these verdicts could not be judged; ``None`` if it was."""
    return next(
        (each for each in (*ownership.evidence, *activity.evidence) if each.signal == NOT_JUDGED),
        None,
    )
