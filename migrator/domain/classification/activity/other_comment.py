"""What a comment of somebody else does with the turn."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from migrator.domain.classification.activity.phrases import others
from migrator.domain.classification.activity.sentence import Sentence


class OtherWord(StrEnum):
    """What a comment of somebody else does with the turn."""

    SOLVES = "solves"
    INSISTS = "insists"
    REMARKS = "remarks"


def read_other(said: Iterable[Sentence]) -> tuple[OtherWord, str]:
    """What somebody else's comment does, and the sentence that shows a way out; empty if none
    does."""
    insists, way_out = False, ""
    for sentence, plain in said:
        insists = insists or bool(others.INSISTS.search(plain))
        if not way_out and not plain.endswith("?") and others.WAY_OUT.search(plain):
            way_out = sentence
    if insists:
        return OtherWord.INSISTS, way_out
    return (OtherWord.SOLVES, way_out) if way_out else (OtherWord.REMARKS, "")


def asks_project(said: Iterable[Sentence]) -> bool:
    """Whether somebody else asks something, or offers to help."""
    return any(each.is_question or others.OFFERS.search(each.plain) for each in said)
