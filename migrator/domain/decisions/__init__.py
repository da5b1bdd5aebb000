"""What happens to an item, and why.

The first question that answers wins: is there anything to do at all, does a person have to look,
what would be done, is it well enough founded for the harm it does, and has somebody just spoken.
The harm of the act sets the bar: a notice may follow from text, a close asks for a label, a path, a
maintainer's word, or far more certainty.
"""

from migrator.domain.decisions.decide import decide, decide_subject, fitting
from migrator.domain.decisions.decision import (
    ACTING,
    FIRM_GROUNDS,
    NOT_OURS,
    NOT_PLANNED,
    REASONS,
    Decided,
    Decision,
    ReviewAnswer,
    together,
)
from migrator.domain.decisions.offers import AnswerKey, AnswerOffer, Question, follows

__all__ = [
    "ACTING",
    "FIRM_GROUNDS",
    "NOT_OURS",
    "NOT_PLANNED",
    "REASONS",
    "AnswerKey",
    "AnswerOffer",
    "Decided",
    "Decision",
    "Question",
    "ReviewAnswer",
    "decide",
    "decide_subject",
    "fitting",
    "follows",
    "together",
]
