"""Signals and reason codes in plain words, with the place in the documentation that explains
them."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from migrator.domain.classification.ownership import SIGNALS
from migrator.domain.classification.signals import agreement
from migrator.domain.decisions import REASONS
from migrator.domain.items import Frozen


class SignalWords(Frozen, frozen=True, kw_only=True):
    """What a code says: in a few ``words``, longer in ``means``, and where ``docs`` explain it
    (``page#place`` of the dashboard's ``/docs/``)."""

    words: str
    means: str = ""
    docs: str = ""


_ACTIVITY: Final = {
    "clock": "last human activity",
    "turn": "who acts next",
    "reply": "reply of a maintainer",
    "reproduced": "reproduced by a maintainer",
    "unanswered": "maintainers have not settled it",
    "way_out": "someone showed a way out",
    "pull_state": "state of the pull request",
}
_PROTECTIONS: Final = {
    "security": "about security",
    "pinned": "pinned",
    "protecting_label": "label that protects",
    "assignee": "assigned to a person",
    "milestone": "has a milestone",
    "linked_pull": "open pull request is linked",
    "open_sub_issues": "has open sub-issues",
    "review": "approved, or waits for a review",
    "votes": "votes of others",
    "people": "people who take part",
}
_MOVED: Final = {
    "already_told": "new location was posted already",
    "landing": "continues in the new repository",
}
_SECTIONS: Final = (
    ("activity#whose-turn-it-is", _ACTIVITY),
    ("activity#protections", _PROTECTIONS),
    ("activity#already-posted-already-moved", _MOVED),
)
_DECISIONS: Final = {
    "probability": ("probability that it is ours", "unsure"),
    "contradiction": ("contradiction", "contradiction"),
    "state": ("state on GitHub", "closed"),
    "locked": ("locked", "locked"),
    "reviewer": ("answer of a maintainer", "reviewer"),
    "cutover": ("date of opening and cutover", "before_cutover"),
    "exception": ("named in the file", "clear_exception"),
    "arrived": ("new", "arrived"),
    "draft": ("draft", "draft"),
    "head": ("branch", "head_gone"),
    "comment_only": ("the account only comments", "comment_only"),
    "quiet_days": ("quiet days", "quiet"),
}
"""What decisions hold against the rules -> words, and the reason beside which it is explained."""
_OWNERSHIP: Final = {
    "label.ours": "label of ours",
    "label.not-ours": "label of another owner",
    "path.inside": "changes moved paths",
    "path.outside": "changes other paths only",
    "link.target-pull": "linked pull request of the new repository",
    "link.target": "linked thread of the new repository",
    "thread.ours": "a maintainer says it is ours",
    "thread.not-ours": "a maintainer says it is not ours",
    "empty": "fewer than three words",
    "title.term": "term in the title",
    "code.share": "share of ours among the names in the code",
    "code.without-ours": "code without names of ours",
    "code.foreign": "code imports another library",
    "error.ours": "error in our code",
    "error.device": "error of a device",
    "error.kernel": "error in compiled code",
    "error.source": "error in the source project",
    "error.foreign": "error in another library",
    "error.author": "error in the author's own code",
    "error.abort": "process ended without an exception",
    "error.through-ours": "error passed through our code",
    "error.foreign-value": "error about another library's object",
    "agree.title": "title names ours, and no rival",
    "agree.lead": "beginning names ours, and no rival",
    "agree.all": "something of ours, and no rival anywhere",
    "agree.concepts-only": "only words that other subjects share",
    "agree.nothing-ours": "nothing of ours anywhere",
}
_REGIONS: Final = {
    "title": "title",
    "lead": "beginning of the text",
    "prose": "text",
    "code": "code",
    "log": "log",
}
_BY_REGION: Final = {
    "ours-api": ("name of ours in the {}", "interfaces"),
    "source-api": ("name of the source project in the {}", "interfaces"),
}


def _name(signal: ModuleType) -> str:
    return signal.__name__.rpartition(".")[2]


_FINDINGS: Final = {
    finding: (_name(signal), str(meaning))
    for signal in (*SIGNALS, agreement)
    for finding, meaning in signal.FINDINGS.items()
}
"""Finding as ``docs/signals.md`` names it -> the chapter there, and what it means."""


def _slug(finding: str) -> str:
    """The place of a finding on the page of signals."""
    chapter, _meaning = _FINDINGS[finding]
    return f"signals#{chapter}-{finding}"


def signal_words(code: str) -> SignalWords:
    """A signal's code (``title.layers``, ``clock``) in words. A code that is not known is shown as
    it is."""
    for place, named in _SECTIONS:
        if code in named:
            return SignalWords(words=named[code], docs=f"{place}-{code}")
    if code in _DECISIONS:
        words, reason = _DECISIONS[code]
        return SignalWords(words=words, docs=f"activity#decisions-{reason}")
    if code in _OWNERSHIP:
        return SignalWords(words=_OWNERSHIP[code], means=_FINDINGS[code][1], docs=_slug(code))
    if code == "text.limit":
        return SignalWords(words="limit for what text alone says", docs="ownership")
    first, _, rest = code.partition(".")
    if first == "form" and rest:
        finding = "form.FIELD"
        return SignalWords(
            words=f"form field “{_spaced(rest)}”", means=_FINDINGS[finding][1], docs=_slug(finding)
        )
    if first in _REGIONS and rest:
        by_region = rest in _BY_REGION
        finding = f"REGION.{rest if by_region else 'TOPIC'}"
        words = _BY_REGION[rest][0] if by_region else f"subject “{_spaced(rest)}” in the {{}}"
        return SignalWords(
            words=words.format(_REGIONS[first]), means=_FINDINGS[finding][1], docs=_slug(finding)
        )
    return SignalWords(words=_spaced(code))


def reason_words(code: str) -> SignalWords:
    """A decision's reason code as its sentence."""
    if code in REASONS:
        return SignalWords(words=REASONS[code], docs=f"activity#decisions-{code}")
    return SignalWords(words=_spaced(code))


def _spaced(code: str) -> str:
    return code.replace("_", " ").replace("-", " ")
