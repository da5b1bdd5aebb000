"""Every sentence of a notice follows from a fact, and no two contradict each other: for all facts,
and for real threads.

``MIGRATOR_ACTIVITY_THREADS`` names a world file with real threads, ``MIGRATOR_NOTICE_REPORT`` a
file to write them to, each sentence with its fact.
"""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from migrator.config.migration_file import load
from migrator.domain.classification.activity import prepare as prepare_judge
from migrator.domain.decisions import Decided, Decision, decide
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    MaintainerReply,
    OwnershipVerdict,
    ReplyKind,
)
from migrator.domain.items import Actor, Association, Comment, Event, EventKind, Item
from migrator.domain.marker import without_markers
from migrator.domain.notices import NoticeChange, NoticeEdit, prepare
from migrator.domain.notices.item_kind import Request, needs_few_words, request_of
from migrator.domain.notices.wording import day
from tests.domain.notices.conftest import a_decision, a_pull, an_activity, an_item, an_ownership

FILE = load("keras").file
NOTICES = prepare(FILE)
NOW = datetime(2021, 7, 1, 12, tzinfo=UTC)
MOST_WORDS = 120
THREADS = os.environ.get("MIGRATOR_ACTIVITY_THREADS", "")
REPORT = os.environ.get("MIGRATOR_NOTICE_REPORT", "")


class Case(NamedTuple):
    """What one notice was made from."""

    item: Item
    decided: Decided
    owns: OwnershipVerdict
    lives: ActivityVerdict
    change: NoticeChange | None = None
    now: datetime = NOW

    @property
    def text(self) -> str:
        """The notice as people read it."""
        if self.change is not None:
            text = NOTICES.render_edit(
                self.item, self.change, decision=self.decided.decision.value, part="keras"
            )
        else:
            text = NOTICES.render(self.item, self.decided, self.owns, self.lives, now=self.now)
        return without_markers(text)

    @property
    def later(self) -> NoticeChange:
        """What happened since the notice was posted."""
        assert self.change is not None
        return self.change

    @property
    def asked(self) -> bool:
        """Whether a maintainer's question waits for the author."""
        reply = self.lives.reply
        return (
            reply is not None and reply.kind is ReplyKind.ASKED and self.lives.awaiting == "author"
        )

    @property
    def was_asked(self) -> bool:
        """Whether the notice is, or was, a question."""
        return self.decided.decision is Decision.ASK

    @property
    def open(self) -> bool:
        """Whether the item is open after this."""
        return (
            self.change.open and self.change.edit is not NoticeEdit.CLOSED
            if self.change
            else not self.decided.closes
        )


class Rule(NamedTuple):
    """A sentence that notices may hold: its shape, the fact that it states, and whether that
    holds in a case."""

    shape: str
    fact: str
    holds: Callable[[Case, re.Match[str]], Any]


def _reply(case: Case, found: re.Match[str], *kinds: ReplyKind) -> bool:
    reply = case.lives.reply
    return reply is not None and reply.kind in kinds and found[1] == day(reply.at)


def _term(case: Case, days: int) -> bool:
    return case.now - case.lives.clock >= timedelta(days=days)


RULES = (
    Rule(
        r"Keras has moved to its own repository: keras-team/keras\.",
        "the migration",
        lambda c, _: True,
    ),
    Rule(
        r"Keras has its own repository now: keras-team/keras\.",
        "the migration",
        lambda c, _: c.decided.decision == "welcome",
    ),
    Rule(
        r"Thank you for the report\.", "the item is new", lambda c, _: c.decided.code == "arrived"
    ),
    Rule(r"This (?:issue|pull request) stays open here\.", "it is not closed", lambda c, _: c.open),
    Rule(
        r"This issue stays open here for now\.",
        "people are asked",
        lambda c, _: c.was_asked and c.decided.grace_days >= 7,
    ),
    Rule(
        r"Do you still need it\?",
        "people are asked",
        lambda c, _: c.was_asked,
    ),
    Rule(
        r"Please answer before (.+)\.",
        "a grace",
        lambda c, m: m[1] == day(c.now + timedelta(days=c.decided.grace_days)),
    ),
    Rule(
        r"If nobody answers, this issue is closed, but not before that day\.",
        "it is closed after a grace",
        lambda c, _: c.decided.closes and c.decided.grace_days,
    ),
    Rule(
        r"The author and triagers can answer on a separate line:",
        "commands are served",
        lambda c, _: c.was_asked,
    ),
    Rule(
        r"Any (?:other )?comment keeps it open\.",
        "a person's act keeps it open",
        lambda c, _: c.was_asked,
    ),
    Rule(
        r"This (?:issue|pull request) stays open here: GitHub does not allow it to be moved to the "
        r"new repository\.",
        "GitHub refused the transfer",
        lambda c, _: c.change is not None and c.change.edit is NoticeEdit.NOT_TRANSFERRED,
    ),
    Rule(
        r"This issue continues in .+: GitHub moves it there with its comments, and links to its old "
        r"place lead there\.",
        "the thread is transferred",
        lambda c, _: c.decided.decision is Decision.TRANSFER,
    ),
    Rule(
        r"This (?:issue|pull request) is closed here(?: as part of the move)?\.",
        "it is closed",
        lambda c, _: c.decided.closes,
    ),
    Rule(
        r"This (?:issue|pull request) will be closed here, but not before (.+)\.",
        "it is closed after a grace",
        lambda c, m: c.decided.closes and m[1] == day(c.now + timedelta(days=c.decided.grace_days)),
    ),
    Rule(r"New location of the code: \S+", "the migration", lambda c, _: needs_few_words(c.item)),
    Rule(
        r"Fixes are made in the new repository\.",
        "rule 2 of the migration",
        lambda c, _: not c.item.is_pull_request,
    ),
    Rule(
        r"New changes to this code should go to keras-team/keras\.",
        "the migration",
        lambda c, _: c.item.is_pull_request,
    ),
    Rule(
        r"You do not need to do anything\.",
        "nobody asked the author",
        lambda c, _: not c.asked or c.decided.code == "reviewer",
    ),
    Rule(r"Please reply to that question here\.", "a maintainer asked", lambda c, _: c.asked),
    Rule(
        r"It continues in the new repository: .+\.", "the successor", lambda c, _: c.lives.landing
    ),
    Rule(
        r"The last activity was on ([^(),]+?)(?: \(.+\))?(, at least 180 days ago)?\.",
        "the clock and the term",
        lambda c, m: m[1] == day(c.lives.clock) and (not m[2] or _term(c, 180)),
    ),
    Rule(
        r".+ reproduced it on (.+)\.",
        "a maintainer reproduced it",
        lambda c, m: c.lives.reproduced and m[1] == day(c.lives.reproduced.at),
    ),
    Rule(
        r".+ asked on (.+?)(?:: Q|\.)",
        "a maintainer asked",
        lambda c, m: _reply(c, m, ReplyKind.ASKED),
    ),
    Rule(
        r".+ replied on (.+?)(?:: Q|\.)",
        "a maintainer replied",
        lambda c, m: _reply(c, m, ReplyKind.ANSWERED, ReplyKind.REFUSED, ReplyKind.ACKNOWLEDGED),
    ),
    Rule(
        r"The author has not replied(?: for at least 60 days)?\.",
        "the author wrote nothing after the maintainer",
        lambda c, _: (
            c.lives.reply
            and c.lives.awaiting == "author"
            and not (c.lives.wrote_last and c.lives.wrote_last >= c.lives.reply.at)
        ),
    ),
    Rule(
        r"A label has waited for the author for at least 60 days\.",
        "a label asks, and its term is over",
        lambda c, _: c.lives.awaiting == "author" and _term(c, 60),
    ),
    Rule(
        r"There was no activity for at least 180 days\.",
        "the clock and the term",
        lambda c, _: _term(c, 180),
    ),
    Rule(
        r"The maintainers have the next turn(?:, so its age is no reason to close it)?\.",
        "whose turn it is",
        lambda c, _: c.lives.awaiting == "maintainers" and c.lives.unanswered,
    ),
    Rule(
        r"Nothing was asked of the author since(?:, so its age is no reason to close it)?\.",
        "an explanation",
        lambda c, _: (
            c.lives.awaiting == "author"
            and c.lives.unanswered
            and c.lives.reply
            and c.lives.reply.kind is ReplyKind.ANSWERED
        ),
    ),
    Rule(
        r"That is too recent to close this (?:issue|pull request)\.",
        "the quiet days",
        lambda c, _: c.decided.code == "quiet",
    ),
    Rule(
        r"This (?:issue|pull request) is kept active because .+\.",
        "what protects it",
        lambda c, _: c.lives.deciding.says is Leaning.PROTECTS,
    ),
    Rule(
        r"A maintainer decided this(?: on .+)?\.",
        "a maintainer's answer",
        lambda c, _: c.decided.code == "reviewer",
    ),
    Rule(
        r"This (?:issue|pull request) is about Keras: .+\.",
        "the ownership verdict",
        lambda c, _: c.owns.answer == "ours",
    ),
    Rule(r"Does it still matter to you\?", "it is closed", lambda c, _: not c.open),
    Rule(
        r"Any comment (?:of yours )?before .+ keeps it open\.",
        "a grace",
        lambda c, _: c.decided.grace_days,
    ),
    Rule(
        r"Please open (?:it|a new pull request) in keras-team/keras(?: and copy your text over| "
        r"\(.+\))?\.",
        "the target",
        lambda c, _: True,
    ),
    Rule(
        r"Does it still happen with the current version\?",
        "it reports a problem",
        lambda c, _: not c.open and request_of(c.item) is Request.OTHER,
    ),
    Rule(
        r"This (?:issue|pull request) (?:is closed|will be closed, but not before .+?): it was "
        r"opened on (.+), before the code "
        r"of Keras moved to this repository on 24 June 2021\.",
        "two dates",
        lambda c, m: c.decided.closes and m[1] == day(c.item.created_at),
    ),
    Rule(
        r"Open issues and pull requests from before the move are closed, so that .+\.",
        "rule 4",
        lambda c, _: c.decided.decision == "clear",
    ),
    Rule(
        r"This (?:issue|pull request) was not reviewed individually\.",
        "no answer",
        lambda c, _: c.decided.code == "before_cutover",
    ),
    Rule(
        r"(?:Does it still apply to the current code|Is the change still needed)\?",
        "it is closed",
        lambda c, _: c.decided.closes,
    ),
    Rule(r"Is this wrong\?", "a frame", lambda c, _: True),
    Rule(
        r"The author and triagers can comment on a separate line:",
        "commands are served",
        lambda c, _: True,
    ),
    # pull requests
    Rule(
        r"The code that this pull request changes has moved to keras-team/keras, so it .+\.",
        "a path",
        lambda c, _: c.item.is_pull_request,
    ),
    Rule(
        r"It stays open until at least (.+), so that .+\.",
        "a grace",
        lambda c, m: c.decided.closes and c.decided.grace_days,
    ),
    Rule(r"It stays open for now, so that .+\.", "it is not closed", lambda c, _: c.open),
    Rule(r"It is closed here\.", "it is closed", lambda c, _: not c.open),
    Rule(
        r"Your commits are not lost(?:: the branch of this pull request still exists)?\.",
        "its branch",
        lambda c, _: c.item.pull and c.item.pull.head_exists,
    ),
    Rule(
        r"How to move it, with you as its author:", "a frame", lambda c, _: c.item.is_pull_request
    ),
    Rule(
        r"C leaves out merge commits and every file outside C(?: and C)*\.",
        "the moved folders",
        lambda c, _: True,
    ),
    Rule(
        r"If C stops at a part that does not apply, edit the file, then run C and C\.",
        "git am",
        lambda c, _: True,
    ),
    Rule(
        r"Then change the imports: C is now C(?:, C is now C)*\.",
        "the moved modules",
        lambda c, _: True,
    ),
    Rule(
        r"Copy your changes to these files by hand: C \(now C\)(?:, C \(now C\))*\.",
        "the moved files",
        lambda c, _: True,
    ),
    Rule(r"Before you open it in keras-team/keras:", "a frame", lambda c, _: True),
    Rule(r"Do you need more time\?", "a grace", lambda c, _: c.decided.grace_days),
    Rule(r"How to contribute there: \S+", "the file", lambda c, _: True),
    # edits
    Rule(
        r"This (?:issue|pull request) was closed on 9 July 2021\.",
        "the close",
        lambda c, _: not c.open,
    ),
    Rule(
        r"There was no comment since this notice announced the close\.",
        "the close after a grace",
        lambda c, _: c.later.edit is NoticeEdit.CLOSED and not c.was_asked,
    ),
    Rule(
        r"This (?:issue|pull request) is (?:about to be )?closed as completed: .+ answered on 9 July "
        r"2021 that it is done\.",
        "the answer",
        lambda c, _: c.later.edit is NoticeEdit.RESOLVED,
    ),
    Rule(r"Reverted(?: by .+)?\.", "the revert", lambda c, _: c.later.edit is NoticeEdit.UNDONE),
    Rule(r"This (?:issue|pull request) is open\.", "its state", lambda c, _: c.open),
    Rule(
        r"This (?:issue|pull request) could not be reopened: GitHub does not allow it.*\.",
        "its state",
        lambda c, _: not c.open,
    ),
    Rule(
        r"This comment announced that Keras has moved\.",
        "the first text",
        lambda c, _: c.later.edit is NoticeEdit.UNDONE,
    ),
    Rule(
        r"Please ignore it and the email it sent\.",
        "the first text",
        lambda c, _: c.later.edit is NoticeEdit.UNDONE,
    ),
    Rule(
        r"We are sorry for the noise\.", "courtesy", lambda c, _: c.later.edit is NoticeEdit.UNDONE
    ),
    Rule(
        r"This (?:issue|pull request) stays open: .+ on 9 July 2021\.",
        "somebody acted",
        lambda c, _: c.open,
    ),
    Rule(
        r"A comment was made just before this (?:issue|pull request) was closed: .+ commented on "
        r"9 July 2021\.",
        "somebody acted",
        lambda c, _: not c.open,
    ),
    Rule(
        r".+ on 9 July 2021, just before this (?:issue|pull request) was closed\.",
        "somebody acted",
        lambda c, _: not c.open,
    ),
    Rule(
        r"An earlier version of this notice announced that it would be closed\.",
        "the first text",
        lambda c, _: c.later.edit is NoticeEdit.YIELDED and not c.was_asked,
    ),
    Rule(
        r"An earlier version of this notice asked whether it is still needed\.",
        "the question",
        lambda c, _: c.later.edit is NoticeEdit.YIELDED and c.was_asked,
    ),
    Rule(
        r"This notice asked whether it is still needed, and nobody answered\.",
        "the close after a question",
        lambda c, _: c.later.edit is NoticeEdit.CLOSED and c.was_asked,
    ),
    Rule(
        r"The code that it changes is there now, so the change has to be moved before it can be "
        r"merged\.",
        "a path",
        lambda c, _: c.item.is_pull_request,
    ),
    Rule(
        r"This (?:issue|pull request) continues in the new repository of Keras: .+\.",
        "the successor",
        lambda c, _: c.later.landing,
    ),
    Rule(
        r"It stays open for now, and is closed after 7 days without a comment\.",
        "the quiet days",
        lambda c, _: c.open and c.later.closes_after,
    ),
    Rule(
        r"It stays open here until it is settled there\.",
        "its state",
        lambda c, _: c.open and not c.later.closes_after,
    ),
    Rule(
        r".+ was merged into keras-team/keras on 9 July 2021\.",
        "the merge",
        lambda c, _: c.later.edit is NoticeEdit.COMPLETED,
    ),
    Rule(
        r"This (?:issue|pull request) is (?:about to be )?closed as completed\.",
        "the merge",
        lambda c, _: c.later.edit is NoticeEdit.COMPLETED,
    ),
)

LISTS = (
    r"- (?:Old|New) location of the code: https://\S+",
    r"- Why and when: see the announcement",
    r"- C (?:keeps this|closes this|reopens this|says that this is not about Keras).*",
    r"- .+\.",
)
"""Entries of lists: places, commands, and what the file says about contributing."""

CONTRADICTIONS = (
    ("stays open here", "closed here"),
    ("stays open", "is closed here"),
    ("The author has not replied", "The maintainers have the next turn"),
    ("Nothing was asked of the author", "The maintainers have the next turn"),
    ("Nothing was asked of the author", " asked on "),
    ("You do not need to do anything", "Please reply to that question"),
    ("There was no activity for", "too recent to close"),
    ("was not reviewed individually", "A maintainer decided this"),
    ("It continues in the new repository", "Does it still matter to you"),
    ("It continues in the new repository", "Fixes are made in the new repository"),
    ("reproduced it on", "could not be reproduced"),
    ("Your commits are not lost", "the branch of a pull request is gone"),
)

BROKEN = re.compile(
    r"\(\)|\[\]|, \.|,\.| ,|: \.|\band \.|  \S|\s\.(?:\s|$)|^- *$|\*\*\*\*|\{\{|None|\bNone\b",
    re.MULTILINE,
)


def sentences_of(text: str) -> tuple[list[str], list[str]]:
    """The sentences of a notice's prose, and the entries of its lists; quotations are ``Q``,
    code is ``C``."""
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    plain = re.sub(r"\u201c.*?\u201d", "Q", plain, flags=re.DOTALL)
    plain = re.sub(r"`[^`\n]*`", "C", plain)
    plain = (
        re.sub(r"\[([^\[\]]*)\]\((?:<[^<>]*>|[^()\s]*(?:\([^()]*\)[^()\s]*)*)\)", r"\1", plain)
        .replace("**", "")
        .replace("\\", "")
    )
    prose, entries = [], []
    for block in re.split(r"\n\s*\n", plain):
        for line in filter(None, map(str.strip, block.split("\n"))):
            if line.startswith("- "):
                entries.append(line)
            else:
                prose += re.split(
                    r"(?<=[.?:!])\s+(?=[A-Z][a-z]+ (?!on \d)|If "
                    r"C)|(?<=Q)\s+(?=[A-Z])|(?<=[.?])\s+(?=\S)",
                    line,
                )
    return [each for each in prose if each], entries


def faults_of(case: Case) -> Iterator[str]:
    """Everything that is wrong with a notice."""
    text = case.text
    prose, entries = sentences_of(text)
    for sentence in joined(prose):
        fact = fact_of(sentence, case)
        if not fact:
            yield f"a sentence without a fact: {sentence!r}"
    for entry in entries:
        if not any(re.fullmatch(shape, entry) for shape in LISTS):
            yield f"an entry that nobody knows: {entry!r}"
    whole = " ".join(prose)
    for one, other in CONTRADICTIONS:
        if one in whole and other in whole:
            yield f"contradiction: {one!r} and {other!r}"
    ours = re.sub(r"```.*?```|\u201c.*?\u201d", "Q", text, flags=re.DOTALL)
    ours = re.sub(
        r"(issues/new\?)[^)\s]*", r"\1Q", ours
    )  # the form is filled with the author's words
    if found := BROKEN.search(ours):
        yield f"broken text: {ours[max(0, found.start() - 40) : found.end() + 40]!r}"
    recipe = re.sub(r"\*\*How to move it.*(?=\*\*Before you open)", "", text, flags=re.DOTALL)
    words = len(
        " ".join(
            line for line in _without_links(recipe).splitlines() if not line.startswith("- ")
        ).split()
    )
    if words > MOST_WORDS:
        yield f"{words} words of prose"


def _without_links(text: str) -> str:
    return re.sub(r"\]\((?:<[^<>]*>|[^()\s]*)\)", "] ", text)


def joined(prose: list[str]) -> list[str]:
    """Sentences that hold a colon are put together again where the first part alone is no
    sentence."""
    found: list[str] = []
    for part in prose:
        if (
            found
            and found[-1].endswith(":")
            and not any(re.fullmatch(rule.shape, found[-1]) for rule in RULES)
        ):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found


def fact_of(sentence: str, case: Case) -> str:
    """The fact that a sentence states, if it holds in this case; else empty."""
    if sentence == FILE.notices.human_contact or sentence.startswith("Please comment here"):
        return "the file"
    for rule in RULES:
        found = re.fullmatch(rule.shape, sentence)
        if found and rule.holds(case, found):
            return rule.fact
    return ""


CLOCK = Evidence(
    signal="clock",
    says=Leaning.STALE,
    value="commented",
    at=datetime(2020, 3, 3, tzinfo=UTC),
    actor="octocat",
)
HELD = Evidence(signal="milestone", says=Leaning.PROTECTS, value="2.6")
LINK = "https://github.com/tensorflow/tensorflow/issues/4711#issuecomment-1"
WROTE = {
    "before": datetime(2020, 2, 1, tzinfo=UTC),
    "never": None,
    "after": datetime(2020, 3, 3, tzinfo=UTC),
}
SAID = datetime(2020, 3, 1, tzinfo=UTC)


def verdicts() -> Iterator[ActivityVerdict]:
    """Every activity verdict that differs in a fact of a notice."""
    for kind, wrote, reproduced, held, label in itertools.product(
        (None, *ReplyKind), WROTE, (False, True), (None, HELD), (False, True)
    ):
        if kind is ReplyKind.NONE or (label and (held or kind not in (None, ReplyKind.ASKED))):
            continue
        said = (
            MaintainerReply(
                kind=kind,
                at=SAID,
                actor="hubot",
                url=LINK,
                sentence="A sentence of a maintainer, " * 9,
            )
            if kind
            else None
        )
        before = MaintainerReply(
            kind=ReplyKind.ACKNOWLEDGED,
            at=SAID - timedelta(days=9),
            actor="mia",
            url=LINK,
            sentence="Seen.",
        )
        waits = kind in (ReplyKind.ASKED, ReplyKind.ANSWERED) and wrote != "after"
        awaiting = (
            "author"
            if waits or label
            else "nobody"
            if kind is ReplyKind.REFUSED and wrote != "after"
            else "maintainers"
        )
        yield an_activity(
            held or CLOCK,
            evidence=(CLOCK, held) if held else (CLOCK,),
            reply=said,
            reproduced=before if reproduced else None,
            wrote_last=WROTE[wrote],
            awaiting=awaiting,
            unanswered=awaiting == "maintainers",
            stale_at=None
            if held
            else datetime(2020, 5, 2, tzinfo=UTC)
            if label
            else datetime(2020, 8, 30, tzinfo=UTC),
            answer=Activity.ACTIVE if held else Activity.STALE,
        )


ISSUES = (
    an_item(),
    an_item(title="How to save an LSTM?"),
    an_item(labels=("type:feature",)),
    an_item(title="Typo in LSTM"),
    an_item(author=None, title="", body=""),
)
CODES = {
    "redirect": ("active", "unanswered", "quiet", "comment_only", "reviewer"),
    "retire": ("stale", "unanswered", "reviewer", "known_landing"),
    "ask": ("stale", "reviewer"),
}
GRACES = {"retire": (0, 14), "ask": (7, 14)}


def first_notices() -> Iterator[Case]:
    """Every combination of facts of the first notice of an issue."""
    for lives, (decision, codes), item in itertools.product(verdicts(), CODES.items(), ISSUES[:3]):
        for code in codes:
            stale = code == "stale" and (lives.stale_at is None or lives.awaiting == "maintainers")
            if (
                stale
                or (code == "unanswered" and not lives.unanswered)
                or (code == "active" and lives.stale_at and not lives.reply)
            ):
                continue
            now = SAID + timedelta(days=30) if code == "quiet" else NOW
            for grace in GRACES.get(decision, (0,)):
                landing = "keras-team/keras#15000" if code == "known_landing" else ""
                yield Case(
                    item,
                    a_decision(decision, code=code, grace_days=grace),
                    an_ownership(),
                    replace(lives, landing=landing),
                    now=now,
                )


def other_notices() -> Iterator[Case]:
    """New, cleared and moved items, all grounds of ownership, and every edit."""
    lives = an_activity()
    for item, closes in itertools.product(ISSUES, (False, True)):
        yield Case(item, a_decision("welcome", closes=closes), an_ownership(), lives)
        yield Case(item, a_decision("transfer"), an_ownership(), lives)
    for code, grace, item in itertools.product(
        ("before_cutover", "reviewer"), (0, 14), (*ISSUES, a_pull())
    ):
        there = replace(item, repository="keras-team/keras")
        yield Case(there, a_decision("clear", code=code, grace_days=grace), an_ownership(), lives)
    for exists, paths, grace, closes in itertools.product(
        (True, False), (("tensorflow/python/keras/a.py",), ()), (0, 14), (True, False)
    ):
        pull = a_pull(head_exists=exists, changed_paths=paths)
        yield Case(pull, a_decision("port", closes=closes, grace_days=grace), an_ownership(), lives)
    for grounds, name, item in itertools.product(
        Grounds,
        ("label.ours", "path.x", "link.x", "thread.x", "title.x", "log.x"),
        (an_item(), a_pull()),
    ):
        seen = Evidence(
            signal=name,
            says=Leaning.OURS,
            value="LSTM",
            weight=3.0,
            actor="hubot",
            at=SAID,
            url=LINK,
        )
        yield Case(item, a_decision("redirect"), an_ownership(grounds, evidence=(seen,)), lives)
    for edit, is_open, did, actor, item, after in itertools.product(
        NoticeEdit,
        (True, False),
        ("", "reacted THUMBS_DOWN"),
        ("", "hubot"),
        (an_item(), an_item(title="How to?"), a_pull(), a_pull(head_exists=False)),
        (0, 7),
    ):
        landing = "keras-team/keras#7" if edit in (NoticeEdit.LANDED, NoticeEdit.COMPLETED) else ""
        change = NoticeChange(
            edit=edit,
            at=datetime(2021, 7, 9, tzinfo=UTC),
            did=did,
            actor=actor,
            open=is_open,
            landing=landing,
            closes_after=after,
        )
        for decision in ("port",) if item.is_pull_request else ("retire", "ask"):
            yield Case(
                item, a_decision(decision), an_ownership(), replace(lives, landing=landing), change
            )


def found_in(cases: Iterator[Case]) -> dict[str, str]:
    """Each fault once, with the first text that has it."""
    faults: dict[str, str] = {}
    for case in cases:
        for fault in faults_of(case):
            faults.setdefault(fault, f"{case.decided.decision} {case.decided.code}\n{case.text}")
    return faults


def test_every_combination_of_facts_gives_a_true_notice() -> None:
    """No sentence without its fact, none that contradicts another, none empty, no broken list,
    few words."""
    assert found_in(first_notices()) == {}


def test_every_other_notice_and_edit_is_true() -> None:
    """The same for new, cleared and moved items, and for what replaces a notice."""
    assert found_in(other_notices()) == {}


@pytest.mark.parametrize(
    ("sentence", "decision"),
    [
        ("Nobody has judged the problem itself.", "retire"),
        ("This issue stays open here.", "retire"),
        ("The author has not replied.", "redirect"),
        ("mia reproduced it on 3 May 2020.", "redirect"),
        ("There was no activity for at least 180 days.", "redirect"),
    ],
)
def test_an_untrue_sentence_is_found(sentence: str, decision: str) -> None:
    """The test can fail: none of these follows from this case."""
    assert (
        fact_of(
            sentence, Case(an_item(), a_decision(decision), an_ownership(), an_activity(), now=SAID)
        )
        == ""
    )


def thread_items(path: Path) -> Iterator[Item]:
    """The items of a world file, as far as notices need them."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    staff = {
        one["login"] for one in records if one["record"] == "account" and one.get("permissions")
    }
    for one in (record for record in records if record["record"] == "item"):
        url = f"https://github.com/{one['repository']}/issues/{one['number']}"
        comments = tuple(
            Comment(
                author=Actor(login=each["author"]) if each.get("author") else None,
                body=each["body"],
                created_at=datetime.fromisoformat(each["created_at"]),
                association=Association.COLLABORATOR
                if each.get("author") in staff
                else Association.NONE,
                url=f"{url}#issuecomment-{place}",
            )
            for place, each in enumerate(one.get("comments", ()), 1)
        )
        events = tuple(
            Event(
                kind=EventKind.LABELED,
                at=datetime.fromisoformat(each["created_at"]),
                label=each["label"],
                actor=Actor(login=each["actor"]),
            )
            for each in one.get("events", ())
            if each["kind"] == "labeled"
        )
        yield Item(
            repository=one["repository"],
            number=one["number"],
            url=url,
            title=one["title"],
            body=one["body"],
            author=Actor(login=one["author"]) if one.get("author") else None,
            created_at=datetime.fromisoformat(one["created_at"]),
            updated_at=datetime.fromisoformat(one["created_at"]),
            labels=tuple(one.get("labels", ())),
            comments=comments,
            comments_total=len(comments),
            events=events,
            events_total=len(events),
        )


def real_cases(path: Path) -> Iterator[Case]:
    """The notices of a file's threads at the file's clock."""
    clock = next(
        one["clock"]
        for one in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        if one["record"] == "world"
    )
    now, judge = datetime.fromisoformat(clock), prepare_judge(FILE)
    for item in thread_items(path):
        lives, owns = judge(item, now=now), an_ownership()
        decided = decide(item, owns, lives, FILE, now=now)
        if decided.decision in (Decision.REDIRECT, Decision.RETIRE):
            yield Case(item, decided, owns, lives, now=now)


@pytest.mark.skipif(
    not THREADS, reason="needs real threads: MIGRATOR_ACTIVITY_THREADS names a world file"
)
def test_the_notices_of_real_threads_are_true() -> None:
    """And are written down where a file for them is named."""
    cases = list(real_cases(Path(THREADS)))
    if REPORT:
        Path(REPORT).write_text("".join(map(report_of, cases)), encoding="utf-8")
    assert cases
    assert found_in(iter(cases)) == {}


def report_of(case: Case) -> str:
    """A notice as Markdown, each sentence with its fact."""
    text = case.text
    said = [
        f"- {sentence} | {fact_of(sentence, case) or 'NO FACT'}"
        for sentence in joined(sentences_of(text)[0])
    ]
    shown = re.sub(r"(issues/new\?)[^)]*", r"\1...", text)
    head = (
        f"## {case.item.repository} {case.item.number}: {case.decided.decision}, "
        f"{case.decided.code}, turn: {case.lives.awaiting}"
    )
    return (
        "\n\n".join((head, "\n".join(f"> {line}" for line in shown.splitlines()), "\n".join(said)))
        + "\n\n"
    )
