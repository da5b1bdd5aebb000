"""Who speaks in each comment: a person, a triager with a routine question, a program, or we
ourselves."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from migrator.domain.classification.activity import canned_replies
from migrator.domain.items import MAINTAINER_ASSOCIATIONS, Actor, Comment, Item
from migrator.domain.people import BotIdentity, People
from migrator.domain.rules import MigrationFile


class Speaker(StrEnum):
    """Who speaks in a comment."""

    PERSON = "person"
    ROUTINE = "routine"
    PROGRAM = "program"
    OWN = "own"


class AttributedComment(NamedTuple):
    """A comment and who speaks in it."""

    comment: Comment
    voice: Speaker


class SpeakerClassifier:
    """Tells the voices of a thread apart. Compiled once for a migration file."""

    def __init__(self, file: MigrationFile, people: People, own: BotIdentity) -> None:
        self._people, self._own = people, own
        self._is_nag: Callable[[str], bool] = canned_replies.prepare(file.activity.nags)

    def listen(self, item: Item) -> list[AttributedComment]:
        """Every comment of the thread with its voice, in the thread's order."""
        return [AttributedComment(comment, self.voice_of(comment)) for comment in item.comments]

    def voice_of(self, comment: Comment) -> Speaker:
        """Who speaks in this comment. What our account writes without a marker of the ledger is
        a person's."""
        if self._own.wrote(comment):
            return Speaker.OWN
        if not self._people.is_person(comment.author):
            return Speaker.PROGRAM
        if self._people.is_triager(comment.author) and self._is_nag(comment.body):
            return Speaker.ROUTINE
        return Speaker.PERSON

    def is_routine(self, comment: Comment) -> bool:
        """Whether a comment consists of the routine questions of the file and greetings, whoever
        wrote it."""
        return self._is_nag(comment.body)

    def speaks_for_project(self, comment: Comment) -> bool:
        """Whether a maintainer or a triager wrote it."""
        return comment.association in MAINTAINER_ASSOCIATIONS or self._people.is_triager(
            comment.author
        )


def same_account(one: Actor | None, other: Actor | None) -> bool:
    """Whether two accounts are the same. Two deleted ones are not known to be."""
    return one is not None and other is not None and one.login.casefold() == other.login.casefold()
