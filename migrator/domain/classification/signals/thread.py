"""What people with rights in the source repository said in the thread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.classification.text.blocks import BlockKind, blocks_of
from migrator.domain.evidence import Grounds
from migrator.domain.items import MAINTAINER_ASSOCIATIONS, AccountType, Comment
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "thread.ours": (
        "a maintainer sent the author to a target repository, or used a phrase that the file "
        "lists for it"
    ),
    "thread.not-ours": "a maintainer used a phrase that the file lists for another owner",
}
"""What it can find, and what each means."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"[,;:]\s+|\s+\(|\)\s+|\s+-+\s+|\sbut\s")
_HAPPENS_TO_IT = re.compile(
    r"\b(?:re-?open|re-?post|re-?fil|open|post|fil|rais|report|submit|creat|mov|transferr?|migrat"
    r"|redirect|forward|direct|track|belong|continu|clos|own|maintain|handl"
    r"|address|follow|relat|assign)(?:e|ed|ing|s|es)?\b|\bask\b|\bissue "
    r"of\b"
)
_IN_PASSING = re.compile(
    r"\b(?:similar|same|docs?|documentation|documented|guides?|tutorials?|examples?|reference|uses?|used|using|implement\w*"
    r"|as (?:noted|described|mentioned|stated|explained|seen|shown|said|discussed|in)|see "
    r"also|also see|just like)\b"
)
_ASKED = re.compile(
    r"\b(?:please|could you|can "
    r"you|kindly)\b[^.]{0,60}?\b(?:re-?)?(?:open|post|file|raise|report|submit|create|move)\b"
)
_DENIED = re.compile(
    r"\b(?:not|no longer|never|neither|nor|cannot|rather than|instead of|unrelated)\b|n't\b"
)
_FEW_WORDS = 5  # a sentence of no more words has room for nothing but where to go


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``thread.ours`` and ``thread.not-ours``, the last word of a maintainer
    each; both are a contradiction.

    Quoted lines are somebody else's words and do not count; neither do bots and minimized comments.
    A mention counts only in a sentence that says where this issue goes or asks the author to take
    it there: "as noted in the Keras docs" does not.
    """
    rules = file.ownership.thread
    parts = {part.target.lower(): part.name for part in file.parts}
    bots = frozenset(login.lower() for login in file.migration.bots)
    ours = tuple(phrase.lower() for phrase in rules.ours)
    others = tuple(phrase.lower() for phrase in rules.not_ours)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        spoken = [(c, _own_words(c.body)) for c in reading.item.comments if _by_maintainer(c, bots)]
        here = _last(spoken, [f"github.com/{target}/" for target in parts] + list(ours))
        there = _last(spoken, others)
        conflict = "maintainers named two owners in the thread" if here and there else ""
        if here:
            part = next((parts[target] for target in parts if target in here[1]), "")
            yield _finding("thread.ours", here[0], here[1], part, conflict)
        if there:
            yield _finding("thread.not-ours", there[0], there[1], "", conflict)

    return find


def _by_maintainer(comment: Comment, bots: frozenset[str]) -> bool:
    author = comment.author
    if (
        author is None
        or author.type is not AccountType.USER
        or author.login.lower() in bots
        or comment.minimized
    ):
        return False
    return comment.association in MAINTAINER_ASSOCIATIONS and not comment.viewer_did_author


def _own_words(body: str) -> str:
    own = [block for block in blocks_of(body) if block.kind in (BlockKind.TEXT, BlockKind.HEADING)]
    return "\n".join(line for block in own for line in block.lines).lower()


def _last(spoken: list[tuple[Comment, str]], phrases: Iterable[str]) -> tuple[Comment, str] | None:
    for comment, text in reversed(spoken):
        for phrase in phrases:
            if phrase in text and any(
                _is_about_this(sentence, phrase) for sentence in _SENTENCE.split(text)
            ):
                return comment, phrase
    return None


def _is_about_this(sentence: str, phrase: str) -> bool:
    """Whether a sentence (in lower case) that names another place says that this issue goes
    there."""
    if phrase not in sentence:
        return False
    clause = next((part for part in _CLAUSE.split(sentence) if phrase in part), sentence)
    if _DENIED.search(clause):
        return False
    if len(sentence.split()) <= _FEW_WORDS or _ASKED.search(sentence):
        return True
    return _HAPPENS_TO_IT.search(sentence) is not None and _IN_PASSING.search(sentence) is None


def _finding(name: str, comment: Comment, seen: str, part: str, conflict: str) -> Finding:
    return Finding(
        name,
        seen=seen,
        grounds=Grounds.MAINTAINER,
        part=part,
        contradiction=conflict,
        at=comment.created_at,
        actor=comment.author.login if comment.author else "",
        url=comment.url,
    )
