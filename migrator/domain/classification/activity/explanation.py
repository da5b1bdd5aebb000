"""Whether a maintainer's comment that holds no known phrase reads like an explanation: by its
structure.

Phrases do not generalise to explanations, which are as many as their subjects. Their structure
does: they state how something is, speak to the author, point to a page, show code or give a reason,
and they do not tell of work, trouble or wishes of the project's own. Each feature counts once, and
the table of weights below adds up to a score in log-odds. ``docs/activity.md`` tells where the
weights come from, and how often they are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from migrator.domain.classification.activity.phrases.pattern import Phrases
from migrator.domain.classification.activity.sentence import Sentence

MOST_SENTENCES: Final = 40
"""Sentences that are looked at; what a comment is about stands at its beginning."""
LEAST_WORDS: Final = 6
"""Words from which on a comment can explain something (keras-team/keras#503, explosion/spaCy#2048,
numpy/numpy#13614)."""
FEW_WORDS: Final = 12
MANY_WORDS: Final = 40

YOU: Final = Phrases("you", "your", "yours", "you're", "you've", "you'd", "you'll", "yourself")
"""Spoken to the author, or of anybody in the author's place."""
REASON: Final = Phrases(
    *("since", "as", "so", "so that", "otherwise", "as a result", "hence", "due to", "given that"),
    *("that way", "this way", "in order to", "in that case", "in this case", "which is why"),
)
STATES: Final = Phrases(
    *("is", "are", "isn't", "aren't", "does", "doesn't", "has", "have", "means", "uses", "takes"),
    *("returns?", "expects?", "requires?", "computes?", "creates?", "contains?", "provides?"),
    *(
        "supports?",
        "only",
        "always",
        "occurs?",
        "raises?",
        "causes?",
        "happens?",
        "depends?",
        "works?",
        "allows?",
        "needs?",
    ),
)
"""Says how something is."""
CONTRAST: Final = Phrases(
    *("while", "whereas", "but", "however", "rather than", "unlike", "instead", "either"),
    *("difference", "different from", "the same as", "equivalent", "similar to", "not the same"),
)
ADVICE: Final = Phrases(
    *("recommend(?:ed)?", "suggest", "canonical", "for example", "e\\.g", "such as", "option"),
    *("possible", "can be", "should be", "hope (?:this|that|it)", "for instance", "simply", "just"),
    *("basically", "usually", "typically", "in general", "already", "note that", "i think"),
    *("in theory", "in practice", "actually", "of course", "correct", "expected"),
)
WORK: Final = Phrases(
    r"(?:i|we)(?: will| just| also| did|'ll|'ve| have|'d)? (?:\w+ )?(?:try|tried|look\w*|check\w*|"
    r"investigat\w*|debug\w*|ran|test\w*|found|discuss\w*|need|should|could|want|plan|work|fix\w*|"
    r"notice\w*|add\w*|update\w*|talk\w*)",
    *("let's", "todo", "wip", "asap", "soon", "team", "internally", "roadmap"),
)
"""The project's own work."""
BUSY: Final = Phrases(r"(?:i'm|i am|we're|we are|currently|still) (?:\w+ )?(?!going)\w+ing")
"""What a maintainer is doing just now."""
TROUBLE: Final = Phrases(
    *("bugs?", "regression", "unexpected(?:ly)?", "strange", "weird", "odd", "wrong", "broken"),
    *("fails?", "failing", "crash\\w*", "leaks?", "slow\\w*", "inconsisten\\w*", "incorrect\\w*"),
    *("missing", "surpris\\w*", "interesting", "hmm+", "slightly", "oops", "confusing"),
)
"""Something is amiss, and not with the author."""
WISH: Final = Phrases(
    *("useful", "nice", "sounds?", "reasonable", "better", "worth", "would be", "should we"),
    *("could be", "ideally", "makes sense", "good idea", "proposal", "we"),
)
HEDGE: Final = Phrases(
    *("seems?", "looks? like", "maybe", "perhaps", "not sure", "probably", "appears?", "might"),
    *("i guess", "i'm not", "don't know", "no idea", "unclear"),
)

WEIGHTS: Final = {
    "bias": -0.6,
    "after a question": 1.5,
    "you": 0.3,
    "states": 1.1,
    "reason": 0.3,
    "contrast": 0.2,
    "advice": 0.6,
    "link": 0.5,
    "code": 0.3,
    "few words": -0.8,
    "many words": 0.3,
    "work": -1.1,
    "busy": -1.3,
    "trouble": -1.2,
    "wish": -1.1,
    "hedge": -0.6,
    "question": -0.8,
}
"""Log-odds of being an explanation: written down by hand, moved by a fit on 32 comments."""


def explains(sentences: Sequence[Sentence], *, code: bool, after_question: bool) -> bool:
    """Whether a comment reads like an explanation. ``sentences`` are pairs of a sentence as it
    stands and as it is compared, ``code`` whether the comment shows code."""
    if sum(len(each.plain.split()) for each in sentences) < LEAST_WORDS:
        return False
    found = features(sentences, code=code, after_question=after_question)
    return WEIGHTS["bias"] + sum(WEIGHTS[name] for name in found) > 0.0


def features(sentences: Sequence[Sentence], *, code: bool, after_question: bool) -> Iterator[str]:
    """The features that a comment has."""
    looked_at = sentences[:MOST_SENTENCES]
    text = "\n".join(each.plain for each in looked_at)
    words = len(text.split())
    for name, group in GROUPS.items():
        if group.search(text):
            yield name
    if after_question:
        yield "after a question"
    if code:
        yield "code"
    if any(each.has_link for each in looked_at):
        yield "link"
    if any(each.is_question for each in looked_at):
        yield "question"
    if words < FEW_WORDS:
        yield "few words"
    if words >= MANY_WORDS:
        yield "many words"


GROUPS: Final = {
    "you": YOU,
    "reason": REASON,
    "states": STATES,
    "contrast": CONTRAST,
    "advice": ADVICE,
    "work": WORK,
    "busy": BUSY,
    "trouble": TROUBLE,
    "wish": WISH,
    "hedge": HEDGE,
}
