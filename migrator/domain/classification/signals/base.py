"""What every signal takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from migrator.domain.classification.text.document import Document
from migrator.domain.evidence import Grounds
from migrator.domain.items import Item


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """One item with its text taken apart, shared by all signals."""

    item: Item
    document: Document


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing that a signal saw. ``name`` is the key of its weight; ``value`` (0 to 1) is how
    much of it there is.

    ``seen`` is for people. ``part`` names the moved part it speaks for, where it can tell.
    ``contradiction`` says why a person must look, whatever the weights say.
    """

    name: str
    value: float = 1.0
    seen: str = ""
    grounds: Grounds = Grounds.TEXT
    part: str = ""
    contradiction: str = ""
    at: datetime | None = None
    actor: str = ""
    url: str = ""


Signal = Callable[[ParsedItem], Iterable[Finding]]
