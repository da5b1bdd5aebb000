"""What an issue asks for, as far as its labels, title and length tell: it decides how much a
notice has to say."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from migrator.domain.items import Item


class Request(StrEnum):
    """What an issue asks for; ``other`` is everything that is treated as a report of a problem."""

    FEATURE = "feature"
    QUESTION = "question"
    DOCS_FIX = "docs_fix"
    OTHER = "other"


_LABELS: Final = {
    Request.FEATURE: {"feature", "feature request", "feature-request", "enhancement"},
    Request.QUESTION: {"question", "support", "usage", "help"},
    Request.DOCS_FIX: {"typo"},
}
"""GitHub's default labels and their usual relatives, by their last word: ``type:support`` counts
as ``support``."""

_FEATURE: Final = re.compile(
    r"^\W*(?:feature|enhancement)\b|\bfeature[ -]request\b|\bplease add\b|^\W*(?:add|support) "
    r"(?:for|an option)\b"
)
_QUESTION: Final = re.compile(
    r"^\W*(?:how (?:to|do|can|should)|what (?:is|are|does)|is it possible|can (?:i|we)|where "
    r"(?:is|can))\b"
)
_TYPO: Final = re.compile(
    r"\b(?:typos?|misspell\w*|copy[ -]?paste error|broken link|dead link|wrong link)\b"
)


def request_of(item: Item) -> Request:
    """What an issue asks for. Labels go before its title."""
    labels = {re.split(r"[:/]", label.casefold())[-1].strip() for label in item.labels}
    for request, names in _LABELS.items():
        if labels & names:
            return request
    title = item.title[:256].casefold()
    if _FEATURE.search(title):
        return Request.FEATURE
    if _TYPO.search(title):
        return Request.DOCS_FIX
    return Request.QUESTION if _QUESTION.search(title) else Request.OTHER


def needs_few_words(item: Item) -> bool:
    """Whether a notice gets the short text: a support question, or a correction of a line of
    documentation."""
    return not item.is_pull_request and request_of(item) in (Request.QUESTION, Request.DOCS_FIX)
