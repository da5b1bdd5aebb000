"""How rules are written down: strict, frozen, every field described (``docs/configuration.md``
is made from here)."""

from __future__ import annotations

from functools import lru_cache

import re2
from pydantic import BaseModel, ConfigDict


class Rules(BaseModel):
    """Base of every table of the migration file: unknown keys are refused, values are not
    coerced, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@lru_cache(maxsize=64)
def _pattern(listed: tuple[str, ...]) -> re2._Regexp[str]:
    """One pattern for all of the listed names, compiled once for each list of a migration file.

    RE2 never backtracks, so that a name with many stars costs no more than one without.
    """
    names = (".*".join(map(re2.escape, name.casefold().split("*"))) for name in listed)
    return re2.compile(f"(?s){'|'.join(names)}")


@lru_cache(maxsize=4096)
def listed_among(labels: tuple[str, ...], listed: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that the list names, spelled as the item carries them, in the item's order.

    Remembered: most items of a repository share their few labels, and a what-if asks for each of
    them several times.
    """
    if not labels or not listed:
        return ()
    pattern = _pattern(listed)
    return tuple(label for label in labels if pattern.fullmatch(label.casefold()))
