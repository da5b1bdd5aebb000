"""Why an item is handled as it is: short sentences, each made from one fact of the verdicts.

Every sentence carries the name of its fact, so that a test can hold it against the verdicts. A
statement without a fact is left out. Every value that came from GitHub is quoted harmlessly, and
what a maintainer wrote as a reason for us is not published.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.facts import ActName, Turn
from migrator.domain.decisions import Decided, Decision
from migrator.domain.evidence import (
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    MaintainerReply,
    OwnershipVerdict,
    ReplyKind,
)
from migrator.domain.items import Frozen, Item
from migrator.domain.notices.quoting import code, inline, item_link, without_targets
from migrator.domain.notices.wording import day, days, kind_words
from migrator.domain.people import GHOST
from migrator.domain.rules import ActivityRules, Part

LONGEST_QUOTE: Final = 90
"""Characters of a maintainer's sentence that a notice repeats."""


class NoticeFact(StrEnum):
    """What a sentence of a notice rests on."""

    OWNERSHIP = "ownership"
    LAST_ACTIVITY = "last_activity"
    NO_ACTIVITY = "no_activity"
    RECENT = "recent"
    PROTECTION = "protection"
    REVIEWER = "reviewer"
    MAINTAINERS_TURN = "maintainers_turn"
    NOTHING_ASKED = "nothing_asked"
    AUTHOR_WROTE = "author_wrote"
    REPRODUCED = "reproduced"
    ASKED = "asked"
    REPLIED = "replied"
    NOT_REPLIED = "not_replied"
    LABEL_ASKED = "label_asked"
    NOT_REVIEWED = "not_reviewed"


class NoticeSentence(Frozen, frozen=True, kw_only=True):
    """One sentence of a notice, as Markdown, with the fact that it states."""

    fact: NoticeFact
    text: str


_ACTS: Final = {
    ActName.OPENED: "opened it",
    ActName.COMMENTED: "commented",
    ActName.EDITED: "edited it",
    ActName.RENAMED: "renamed it",
    ActName.REACTED: "reacted",
    ActName.REOPENED: "reopened it",
    ActName.REVIEWED: "reviewed it",
    ActName.REVIEW_REQUESTED: "requested a review",
    ActName.PUSHED: "pushed commits",
    ActName.READY_FOR_REVIEW: "marked it as ready for review",
    ActName.CONVERTED_TO_DRAFT: "converted it to a draft",
    ActName.REFERENCED: "referenced it",
    ActName.CONNECTED: "linked it",
}

_PROTECTIONS: Final = {
    "security": "it mentions security",
    "pinned": "it is pinned",
    "protecting_label": "it has the label {code}",
    "assignee": "{value} is assigned to it",
    "milestone": "it is in the milestone {value}",
    "linked_pull": "an open pull request was linked to it when this was decided",
    "open_sub_issues": "it has {value}",
    "review": "it was approved, or waits for a requested review",
    "votes": "it has {value}",
    "people": "{value} took part in it",
}
"""What each protection says, by its signal (see ``activity/protections.py``)."""


def why_ours(verdict: OwnershipVerdict, part: Part, item: Item) -> NoticeSentence:
    """``This issue is about Keras: it has the label ...``: by the strongest evidence that people
    can see."""
    found = _carrying(verdict)
    value = code(found.value, 100) if found and found.value else ""
    reason = "this follows from its title and text"
    if verdict.grounds is Grounds.REVIEWER:
        reason = "a maintainer decided so"
    elif verdict.grounds is Grounds.MAINTAINER:
        reason = _maintainer_said(found)
    elif verdict.grounds is Grounds.LABEL and value:
        reason = f"it has the label {value}"
    elif verdict.grounds is Grounds.PATH and found and value:
        reason = (
            f"it changes {value}"
            if found.signal.startswith("path")
            else "a pull request of the new repository is linked to it"
        )
    elif verdict.grounds is Grounds.TEXT and value:
        reason = (
            f"its {'title' if found and found.signal.startswith('title') else 'text'} mentions "
            f"{value}"
        )
    text = f"This {kind_words(item)} is about {inline(part.title)}: {reason}."
    return NoticeSentence(fact=NoticeFact.OWNERSHIP, text=text)


def _maintainer_said(found: Evidence | None) -> str:
    who = _name(found.actor) if found and found.actor else "a maintainer"
    said = f"{who} said so" + (f" on {day(found.at)}" if found and found.at else " here")
    return item_link(said, found.url) if found and found.url else said


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


def why_so(
    decided: Decided, verdict: ActivityVerdict, item: Item, rules: ActivityRules
) -> tuple[NoticeSentence, ...]:
    """Why this is done, one sentence a fact: what happened last, who said what, and what the
    item was held against."""
    if decided.code == "reviewer":
        when = f" on {day(decided.deciding.at)}" if decided.deciding.at else ""
        return (_sentence(NoticeFact.REVIEWER, f"A maintainer decided this{when}."),)
    if decided.code == "before_cutover":
        return (
            _sentence(
                NoticeFact.NOT_REVIEWED, f"This {kind_words(item)} was not reviewed individually."
            ),
        )
    if decided.code in ("known_landing", "arrived", "pull_request", "approved"):
        return ()
    return tuple(_by_activity(decided, verdict, item, rules))


def _by_activity(
    decided: Decided, verdict: ActivityVerdict, item: Item, rules: ActivityRules
) -> Iterator[NoticeSentence]:
    held = (
        verdict.deciding
        if verdict.deciding.says is Leaning.PROTECTS and not decided.closes
        else None
    )
    said = _replies_worth_telling(verdict)
    shown = held is None and _last_activity_matters(decided, verdict, said, rules)
    if held is not None:
        yield _protected(held, item)
    elif shown:
        yield _last_activity(verdict, rules if decided.code == "stale" else None)
    yield from (_told(fact, reply) for fact, reply in said)
    if decided.code == "unanswered":
        yield _unsettled(verdict, _so_open(decided))
    if decided.code == "quiet":
        yield _sentence(NoticeFact.RECENT, f"That is too recent to close this {kind_words(item)}.")
    if decided.code == "stale":
        yield from _term(verdict, rules, shown=shown)


def _last_activity_matters(
    decided: Decided,
    verdict: ActivityVerdict,
    said: list[tuple[NoticeFact, MaintainerReply]],
    rules: ActivityRules,
) -> bool:
    """Whether the last activity says more than what is told of it, or of the label that the
    shorter term runs from."""
    if said and decided.code == "stale" and _by_shorter_term(verdict, rules):
        return False
    return all(reply.at != verdict.clock for _, reply in said)


def _unsettled(verdict: ActivityVerdict, so_open: str) -> NoticeSentence:
    if verdict.awaiting == Turn.AUTHOR:
        return _sentence(
            NoticeFact.NOTHING_ASKED, f"Nothing was asked of the author since{so_open}."
        )
    return _sentence(NoticeFact.MAINTAINERS_TURN, f"The maintainers have the next turn{so_open}.")


def _so_open(decided: Decided) -> str:
    return "" if decided.closes else ", so its age is no reason to close it"


def _replies_worth_telling(verdict: ActivityVerdict) -> list[tuple[NoticeFact, MaintainerReply]]:
    """Who reproduced it, and what a maintainer said that the turn follows from, unless the
    author has replied to that."""
    reply, wrote, found = verdict.reply, verdict.wrote_last, []
    if verdict.reproduced:
        found.append((NoticeFact.REPRODUCED, verdict.reproduced))
    if (
        reply is None
        or reply == verdict.reproduced
        or reply.kind in (ReplyKind.CANNED, ReplyKind.NONE)
    ):
        return found
    if verdict.awaiting == Turn.MAINTAINERS and wrote is not None and wrote >= reply.at:
        return found
    return [
        *found,
        (NoticeFact.ASKED if reply.kind is ReplyKind.ASKED else NoticeFact.REPLIED, reply),
    ]


def _told(fact: NoticeFact, reply: MaintainerReply) -> NoticeSentence:
    if fact is NoticeFact.REPRODUCED:
        return _sentence(fact, f"{_linked(reply, 'reproduced it')}.")
    return _sentence(fact, _quoted(reply, "asked" if fact is NoticeFact.ASKED else "replied"))


def _by_shorter_term(verdict: ActivityVerdict, rules: ActivityRules) -> bool:
    return verdict.stale_at is not None and verdict.stale_at < verdict.clock + rules.stale_after


def _term(
    verdict: ActivityVerdict, rules: ActivityRules, *, shown: bool
) -> Iterator[NoticeSentence]:
    """The term that ended, unless it is ``shown`` with the last activity. The shorter one runs
    from a label, or later."""
    if not _by_shorter_term(verdict, rules):
        if _waits_in_vain(verdict):
            yield _sentence(NoticeFact.NOT_REPLIED, "The author has not replied.")
        if not shown:
            yield _sentence(
                NoticeFact.NO_ACTIVITY,
                f"There was no activity for at least {days(rules.stale_after.days)}.",
            )
        return
    term = days(rules.awaiting_author_after.days)
    if _waits_in_vain(verdict):
        yield _sentence(NoticeFact.NOT_REPLIED, f"The author has not replied for at least {term}.")
    else:
        yield _sentence(
            NoticeFact.LABEL_ASKED, f"A label has waited for the author for at least {term}."
        )


def _waits_in_vain(verdict: ActivityVerdict) -> bool:
    """Whether a maintainer's comment is shown that the author has not written anything after."""
    reply, wrote = verdict.reply, verdict.wrote_last
    if (
        verdict.awaiting != Turn.AUTHOR
        or reply is None
        or reply.kind in (ReplyKind.CANNED, ReplyKind.NONE)
    ):
        return False
    return wrote is None or wrote < reply.at


def next_step(verdict: ActivityVerdict, decided: Decided) -> str:
    """What the author of an item that stays open should do."""
    asked = (
        verdict.reply is not None
        and verdict.reply.kind is ReplyKind.ASKED
        and verdict.awaiting == Turn.AUTHOR
    )
    moved = decided.decision is Decision.TRANSFER
    if asked and (moved or decided.code in ("active", "quiet", "comment_only")):
        return "Please reply to that question here."
    return "You do not need to do anything."


def _last_activity(verdict: ActivityVerdict, rules: ActivityRules | None) -> NoticeSentence:
    """The last person's act: who, what, when; with ``rules`` also that the ordinary term since
    then is over."""
    clock = next((one for one in verdict.evidence if one.signal == "clock"), None)
    when = day(verdict.clock)
    if clock and clock.value.startswith(ActName.UNREAD):
        text = f"Only activity since {when} was read."
    else:
        words = act_words(clock.value) if clock else ""
        did = f" ({_name(clock.actor)} {words})" if clock and words and clock.actor else ""
        ago = (
            f", at least {days(rules.stale_after.days)} ago"
            if rules and not _by_shorter_term(verdict, rules)
            else ""
        )
        text = f"The last activity was on {when}{did}{ago}."
    return _sentence(NoticeFact.LAST_ACTIVITY, text)


def _protected(found: Evidence, item: Item) -> NoticeSentence:
    words = _PROTECTIONS.get(
        found.signal, "of {value}" if found.value else "of the rules of this migration"
    )
    reason = words.format(value=inline(found.value), code=code(found.value))
    return _sentence(
        NoticeFact.PROTECTION, f"This {kind_words(item)} is kept active because {reason}."
    )


def act_words(value: str) -> str:
    """What a person did, from an evidence's value (``reacted THUMBS_UP``); empty if it names no
    act."""
    return next(
        (words for name, words in _ACTS.items() if value.startswith(name.replace("_", " "))), ""
    )


def _quoted(reply: MaintainerReply, did: str) -> str:
    said = inline(without_targets(reply.sentence), LONGEST_QUOTE)
    quote = f": \u201c{said}\u201d" if said else "."
    return f"{_linked(reply, did)}{quote}"


def _linked(reply: MaintainerReply, did: str) -> str:
    words = f"{_name(reply.actor)} {did} on {day(reply.at)}"
    return item_link(words, reply.url) if reply.url else words


def _name(login: str) -> str:
    return "A deleted account" if login in ("", GHOST) else inline(login, 40)


def _sentence(fact: NoticeFact, text: str) -> NoticeSentence:
    return NoticeSentence(fact=fact, text=text)
