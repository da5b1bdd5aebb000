"""From a snapshot to the facts of its activity. Compiled once for a migration file, then asked
for every item."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from migrator.domain.classification.activity.conversation import AUTHOR_ACTS, Conversation
from migrator.domain.classification.activity.events import (
    acts_of,
    comment_act,
    comments_from,
    opening_of,
    unread_of,
)
from migrator.domain.classification.activity.facts import Act, ActivityFacts, ActName, subject_of
from migrator.domain.classification.activity.prose import WordSearch, paragraphs
from migrator.domain.classification.activity.references import Links
from migrator.domain.classification.activity.speakers import (
    AttributedComment,
    Speaker,
    SpeakerClassifier,
    same_account,
)
from migrator.domain.items import EventKind, Item, ItemKind, State, label_key
from migrator.domain.people import BotIdentity, People, login_of, recipients_of
from migrator.domain.rules import MigrationFile

FACTS_FORM = 5
"""Raised when facts tell more of an item than before: older ones are read again."""


def reading_digest(file: MigrationFile) -> str:
    """Digest (16 hex digits) of the rules that facts are read with. Facts of another digest must
    be read again."""
    used = {
        "form": FACTS_FORM,
        "bots": file.migration.bots,
        "triagers": file.migration.triagers,
        "cutover": file.migration.cutover.isoformat(),
        "announcement": file.migration.announcement,
        "nags": file.activity.nags,
        "security_words": file.activity.protect.security_words,
        "landing_words": file.activity.told.landing_words,
        "places": [(part.target, part.new_address) for part in file.parts],
    }
    return hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()[:16]


class ActivityReader:
    """Reads the facts of items. ``own`` tells our acts from people's."""

    def __init__(self, file: MigrationFile, own: BotIdentity) -> None:
        self.digest = reading_digest(file)
        self._people, self._own = People(file.migration), own
        self._listener = SpeakerClassifier(file, self._people, own)
        self._conversation = Conversation(self._people, self._listener)
        self._links = Links(file, self._people, self._listener)
        self._security = WordSearch(file.activity.protect.security_words)

    def knows_the_clock(self, item: Item) -> bool:
        """Whether nothing that was not read of the item could move its clock."""
        unread = unread_of(item)
        if unread is None:
            return True
        return any(
            act.at >= unread.at
            for act in acts_of(item, self._listener.listen(item), self._people, self._own)
        )

    def _sorted_acts(self, item: Item, thread: list[AttributedComment]) -> list[Act]:
        return sorted(acts_of(item, thread, self._people, self._own), key=lambda act: act.place)

    def facts(self, item: Item) -> ActivityFacts:
        """The facts of one snapshot."""
        thread = self._listener.listen(item)
        acts = self._sorted_acts(item, thread)
        landing, landed = self._links.landing(item, thread) or ("", None)
        votes, voted_at = self._votes(item)
        return ActivityFacts(
            reading=self.digest,
            subject=subject_of(item),
            last=_last(acts, item),
            author_word=_author_word(acts, item),
            standing=self._conversation.standing(item, thread, acts),
            nag=_nag(thread),
            others_word=self._others_word(item, thread),
            labelled=_label_dates(item),
            assignee=self._assignee(item),
            milestone=item.milestone,
            pinned=item.pinned,
            linked_pull=self._linked_pull(item),
            open_sub_issues=item.open_sub_issues,
            review=_review(item),
            pull=_pull_state(item),
            votes=votes,
            voted_at=voted_at,
            people=self._count_people(item, acts),
            security=self._security_word(item, thread),
            told=self._links.told(item, thread),
            landing=landing,
            landed=landed,
            mailed=len(recipients_of(item, self._people, self._own)),
        )

    def _others_word(self, item: Item, thread: list[AttributedComment]) -> datetime | None:
        """When somebody who is neither the author nor of the project last commented."""
        found = (
            comment.created_at
            for comment, voice in thread
            if voice is Speaker.PERSON
            and not self._listener.speaks_for_project(comment)
            and not same_account(comment.author, item.author)
        )
        return max(found, default=None)

    def _assignee(self, item: Item) -> str:
        """Who is assigned, bots and triagers aside; the first by name."""
        found = (
            a.login
            for a in item.assignees
            if self._people.is_person(a) and not self._people.is_triager(a)
        )
        return min(found, default="")

    def _linked_pull(self, item: Item) -> str:
        """An open pull request of a person that is linked to the item, by GitHub or by hand; the
        first by name."""
        linked = [*item.linked_pulls]
        linked += [
            each.reference
            for each in item.events
            if each.kind is EventKind.CONNECTED
            and each.reference
            and self._people.is_person(each.actor)
        ]
        found = (
            f"{each.repository}#{each.number}"
            for each in linked
            if each.state is State.OPEN
            and (each.kind is ItemKind.PULL_REQUEST or each in item.linked_pulls)
            and self._people.is_person(each.author)
        )
        return min(found, default="")

    def _votes(self, item: Item) -> tuple[int, datetime | None]:
        """Thumbs-up of people other than the author, and the newest; reactions that we did not
        read count as votes."""
        dates = [
            each.created_at
            for each in item.reactions
            if each.content == "THUMBS_UP"
            and self._people.is_person(each.author)
            and not same_account(each.author, item.author)
        ]
        return len(dates) + max(0, item.reactions_total - len(item.reactions)), max(
            dates, default=None
        )

    def _count_people(self, item: Item, acts: list[Act]) -> int:
        """Distinct people who took part; our own account only if somebody wrote by hand with it."""
        named = {
            login.casefold() for login in item.participants if not self._people.is_bot_login(login)
        }
        if self._own.login:
            named.discard(self._own.login.casefold())
        unnamed = max(0, item.participants_total - len(item.participants))
        return (
            len(named | {act.actor.casefold() for act in acts if act.name is not ActName.REACTED})
            + unnamed
        )

    def _security_word(self, item: Item, thread: list[AttributedComment]) -> str:
        """The first word of security in the title, in the author's own words, or in the
        project's."""
        found = self._security.find(item.title)
        if found:
            return found
        said = [item.body]
        said += [
            comment.body
            for comment, voice in thread
            if voice is Speaker.PERSON
            and (
                self._listener.speaks_for_project(comment)
                or same_account(comment.author, item.author)
            )
        ]
        parts = (part for text in said if self._security.find(text) for part in paragraphs(text))
        return next(filter(None, map(self._security.find, parts)), "")


def _last(acts: list[Act], item: Item) -> Act:
    """The newest act of a person, the opening if there is none, or what somebody may have done
    unseen after both."""
    unread = unread_of(item)
    return max(
        [*acts[-1:], opening_of(item), *([unread] if unread else [])], key=lambda act: act.place
    )


def _nag(thread: list[AttributedComment]) -> Act | None:
    """The newest routine question."""
    return max(
        (comment_act(c) for c, voice in thread if voice is Speaker.ROUTINE),
        key=lambda act: act.place,
        default=None,
    )


def _author_word(acts: list[Act], item: Item) -> datetime | None:
    """When the author last spoke; ``None`` if a program opened the item.

    Deleted accounts cannot be told apart: on the item of one, what any of them said counts as its
    author's.
    """
    login = login_of(item.author).casefold()
    return max(
        (act.at for act in acts if act.name in AUTHOR_ACTS and act.actor.casefold() == login),
        default=None,
    )


def _label_dates(item: Item) -> dict[str, datetime]:
    """When each present label was last added, as far as the events that we read show it.

    A date before the first comment that we read is left out: its author may have answered where we
    did not look.
    """
    spellings = {label_key(label): label for label in item.labels}
    since = comments_from(item)
    dates: dict[str, datetime] = {}
    for event in item.events:
        label = spellings.get(label_key(event.label)) if event.kind is EventKind.LABELED else None
        if label is not None and (since is None or event.at >= since):
            dates[label] = max(event.at, dates.get(label, event.at))
    return dates


def _review(item: Item) -> str:
    """Why a pull request is under review: ``approved``, ``review requested``, or empty."""
    if item.pull is None:
        return ""
    if item.pull.review_decision == "APPROVED":
        return "approved"
    return "review requested" if item.pull.reviewers_requested else ""


_PULL_STATES = {
    "CHANGES_REQUESTED": "changes requested",
    "CONFLICTING": "conflicts",
    "FAILURE": "checks failed",
    "ERROR": "checks failed",
    "PENDING": "checks running",
    "EXPECTED": "checks running",
    "SUCCESS": "checks passed",
}
"""Words for GraphQL's ``PullRequestReviewDecision``, ``MergeableState`` and ``StatusState``; the
others say nothing."""


def _pull_state(item: Item) -> str:
    """How a pull request stands: ``draft, conflicts, checks failed``; empty for issues and where
    nothing is known."""
    pull = item.pull
    if pull is None:
        return ""
    words = ["draft"] if pull.draft else []
    words += [
        _PULL_STATES[state]
        for state in (pull.review_decision, pull.mergeable, pull.checks)
        if state in _PULL_STATES
    ]
    return ", ".join(words)
