"""Why an item was judged as it was, in a sentence or two that its author can check.

The sentences name the deciding event and its date. Every value that came from GitHub is quoted
harmlessly, and what a maintainer wrote as a reason for us is not published.
"""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.facts import ActName
from migrator.domain.decisions import Decided
from migrator.domain.evidence import ActivityVerdict, Evidence, Grounds, Leaning, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.notices.quoting import code, inline
from migrator.domain.notices.wording import day, days, kind_words
from migrator.domain.rules import ActivityRules, Part

_ACTS: Final = {
    ActName.OPENED: "opened it",
    ActName.COMMENTED: "commented",
    ActName.EDITED: "edited it",
    ActName.RENAMED: "renamed it",
    ActName.REACTED: "reacted",
    ActName.REOPENED: "opened it again",
    ActName.REVIEWED: "reviewed it",
    ActName.REVIEW_REQUESTED: "asked for a review",
    ActName.PUSHED: "pushed commits",
    ActName.READY_FOR_REVIEW: "marked it as ready for review",
    ActName.CONVERTED_TO_DRAFT: "made it a draft",
    ActName.REFERENCED: "referred to it",
    ActName.CONNECTED: "linked it",
}

_PROTECTIONS: Final = {
    "security": "it speaks about security",
    "pinned": "it is pinned",
    "protecting_label": "it carries the label {code}",
    "assignee": "{value} is assigned to it",
    "milestone": "it is planned for the milestone {value}",
    "linked_pull": "an open pull request was linked to it when this was decided",
    "review": "it was approved, or waits for a review",
    "votes": "it has {value}",
    "people": "{value} took part in it",
}
"""What each protection says, by its signal (see ``activity/protections.py``)."""


def why_ours(verdict: OwnershipVerdict, part: Part, item: Item) -> str:
    """``This issue counts as part of Keras because it carries the label ...``: by the strongest
    evidence that people can see."""
    found = _carrying(verdict)
    value = code(found.value, 100) if found and found.value else ""
    reason = "of what its title and text speak about"
    if verdict.grounds is Grounds.REVIEWER:
        reason = "a maintainer looked at it and said so"
    elif verdict.grounds is Grounds.MAINTAINER:
        reason = "a maintainer said so here" + (
            f" on {day(found.at)}" if found and found.at else ""
        )
    elif verdict.grounds is Grounds.LABEL and value:
        reason = f"it carries the label {value}"
    elif verdict.grounds is Grounds.PATH and found and value:
        reason = (
            f"it changes {value}"
            if found.signal.startswith("path")
            else "a pull request of its new repository is linked to it"
        )
    elif verdict.grounds is Grounds.TEXT and value:
        reason += f", such as {value}"
    return f"This {kind_words(item)} counts as part of {inline(part.title)} because {reason}."


_SIGNALS: Final = {
    Grounds.LABEL: ("label",),
    Grounds.PATH: ("path", "link"),
    Grounds.MAINTAINER: ("thread",),
    Grounds.TEXT: ("title", "lead", "prose", "log"),
}
"""Beginnings of the names of the signals that give these grounds."""


def _carrying(verdict: OwnershipVerdict) -> Evidence | None:
    """The heaviest evidence that gives the verdict its grounds; ``None`` if the verdict does not
    show it."""
    ours = [one for one in verdict.evidence if one.says is Leaning.OURS]
    starts = _SIGNALS.get(verdict.grounds, ())
    return max(
        (one for one in ours if one.signal.startswith(starts)),
        key=lambda one: one.weight,
        default=None,
    )


def why_so(decided: Decided, verdict: ActivityVerdict, item: Item, rules: ActivityRules) -> str:
    """Why this is done: the event that decided it and its date, and the bar it was held against."""
    if decided.code == "reviewer":
        when = f" on {day(decided.deciding.at)}" if decided.deciding.at else ""
        return f"A maintainer looked at this {kind_words(item)}{when} and decided it so."
    if decided.code == "unanswered":
        return (
            f"{_last_act(verdict)} The author had the last word and nobody answered, so its age "
            "is not held against it."
        )
    if decided.code == "known_landing":
        return "Somebody has carried it over already."
    if decided.code == "quiet":
        return f"{_last_act(verdict)} That is too recent to close it."
    if decided.code == "comment_only":
        return _last_act(verdict)
    if decided.code == "stale":
        return f"{_last_act(verdict)} {_bar(verdict, item, rules)}"
    return _why_active(verdict)


def _last_act(verdict: ActivityVerdict) -> str:
    """``The last person to act here was octocat, who commented on 3 March 2020.``"""
    clock = _clock(verdict)
    if clock and clock.value.startswith(ActName.UNREAD):
        return f"Nobody has done anything here since {day(verdict.clock)}."
    who, did = _act(clock)
    if not who:
        return f"The last time a person acted here was {day(verdict.clock)}."
    return f"The last person to act here was {who}, who {did} on {day(verdict.clock)}."


def _clock(verdict: ActivityVerdict) -> Evidence | None:
    """What moved the clock last."""
    return next(
        (one for one in (verdict.deciding, *verdict.evidence) if one.signal == "clock"), None
    )


def _act(clock: Evidence | None) -> tuple[str, str]:
    """``("octocat", "commented")``: who moved the clock, and how; empty if the evidence does not
    tell."""
    words = act_words(clock.value) if clock else ""
    return (inline(clock.actor, 40), words) if clock and words and clock.actor else ("", "")


def act_words(value: str) -> str:
    """What a person did, from an evidence's value (``reacted THUMBS_UP``); empty if it names no
    act."""
    return next(
        (words for name, words in _ACTS.items() if value.startswith(name.replace("_", " "))), ""
    )


def _bar(verdict: ActivityVerdict, item: Item, rules: ActivityRules) -> str:
    """The rule that made it stale, in words."""
    term, which = rules.stale_after, f"open {kind_words(item)}s that no person touches for"
    if verdict.stale_at is not None and verdict.stale_at < verdict.clock + rules.stale_after:
        term, which = (
            rules.awaiting_author_after,
            f"{kind_words(item)}s that wait for their author for",
        )
    return f"With the move, {which} {days(term.days)} are closed."


def _why_active(verdict: ActivityVerdict) -> str:
    found = verdict.deciding
    if found.says is Leaning.PROTECTS:
        words = _PROTECTIONS.get(found.signal, "of this: {value}")
        return (
            "It counts as active because "
            f"{words.format(value=inline(found.value), code=code(found.value))}."
        )
    clock = _clock(verdict)
    if clock and clock.value.startswith(ActName.UNREAD):
        return f"It counts as active: somebody may have acted here as late as {day(verdict.clock)}."
    who, did = _act(clock)
    return (
        f"It counts as active: {who or 'a person'} {did or 'acted here'} on {day(verdict.clock)}."
    )
