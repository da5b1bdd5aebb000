"""Texts without what no text needs: for notices, pages, the terminal and the log."""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"


def clean(text: str) -> str:
    """``text`` without what no text needs: control and invisible characters, direction
    overrides; line ends are ``\\n``."""
    unified = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )
    if unified.isascii() and unified.isprintable():
        return unified
    return "".join(char for char in unified if char in "\n\t" or _is_kept(char))


def _is_kept(char: str) -> bool:
    category = unicodedata.category(char)
    return category not in ("Cc", "Cs") and (category != "Cf" or char == _JOINER)
