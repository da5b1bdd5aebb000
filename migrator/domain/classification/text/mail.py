"""Replies by mail: what a person wrote, without the mail that their program repeats below it.

Mail programs that write no ``>`` put a line above what they repeat: an attribution that names an
address and ends with a colon (in any language), or a block of headers.
"""

from __future__ import annotations

import re
from typing import Final

_ADDRESS = re.compile(r"<[^<>\s@]{1,64}@[^<>\s@]{1,255}>|\[mailto:[^\]\s]{1,320}\]")
_BEGINNINGS: Final = (
    "you are receiving this because",
    "reply to this email directly",
    "-----original message",
    "--------original message",
    "---------- forwarded message",
    "begin forwarded message",
)
_FROM: Final = ("from:", "von:", "de:", "de :", "da:", "van:")
_HEADERS: Final = (
    *("sent:", "date:", "to:", "subject:"),
    *("gesendet:", "datum:", "an:", "betreff:"),
    *("envoyé", "enviado", "inviato", "verzonden", "para:", "objet", "asunto:"),
)
_LOOKED_AT: Final = 3
"""Lines over which an attribution may be wrapped, and within which a second header must stand."""
_LONGEST: Final = 1_000
"""Characters of an attribution at most."""


def without_quoted_mail(body: str) -> str:
    """``body`` up to the mail that it repeats without ``>``; all of it if it repeats none.

    An attribution that is followed by lines with ``>`` belongs to these alone, and what stands
    below them counts.
    """
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = [line.strip().strip("*_ ").casefold() for line in lines]
    for at, line in enumerate(plain):
        first = _mail_begins(plain, at) if line else None
        if first is not None and not _is_quoted_below(plain, at):
            return "\n".join(lines[:first])
    return body


def _mail_begins(plain: list[str], at: int) -> int | None:
    """The line with which repeated mail begins, if that is plain from the line ``at``."""
    line = plain[at]
    if line.startswith(_BEGINNINGS):
        return at
    if line.startswith(_FROM) and any(
        each.startswith(_HEADERS) for each in plain[at + 1 : at + 1 + _LOOKED_AT]
    ):
        return at
    if not line.endswith(":"):
        return None
    firsts = range(at, max(-1, at - _LOOKED_AT), -1)
    return next((first for first in firsts if _is_attribution(plain[first : at + 1])), None)


def _is_attribution(lines: list[str]) -> bool:
    """Whether the last lines of a paragraph say who wrote what follows."""
    words = " ".join(lines)
    if not all(lines) or len(words) > _LONGEST:
        return False
    if words.startswith("on ") and words.endswith("wrote:"):
        return True
    return any(map(str.isdigit, words)) and bool(_ADDRESS.search(words))


def _is_quoted_below(plain: list[str], at: int) -> bool:
    """Whether the next line that holds anything is marked as a quotation."""
    below = at + 1
    while below < len(plain) and not plain[below]:
        below += 1
    return below < len(plain) and plain[below].startswith(">")
