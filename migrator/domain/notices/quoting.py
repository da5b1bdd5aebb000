"""Other people's words inside our text, made harmless.

GitHub looks for mentions, references and addresses in the *rendered* text, so escaping alone does
not stop them (``\\@name`` and ``&#64;name`` still mail somebody). A zero-width space between the
sign and the name does. Links to items go through ``redirect.github.com``, which leaves no backlink
in the other thread.

https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urlsplit

from migrator.domain.clean_text import clean
from migrator.domain.notices.fences import fences_of

ZERO_WIDTH_SPACE: Final = "\u200b"

_PUNCTUATION = re.compile(r"([\\`*_\[\]|~$])")
_BLOCK_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|)([.)+=-])")
_HIDDEN_SIGN = re.compile(r"&(?=(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,32});)")
_SIGNS = re.compile(r"@(?=\S)|#(?=[\d<&\\*_])|\bGH-(?=\d)", re.IGNORECASE)
_ADDRESS_START = re.compile(r"\bGH-|\bwww(?=\.)|\b(?:https?|ftp|mailto|xmpp):", re.IGNORECASE)
_ITEM_ADDRESS = re.compile(
    r"(?:https?://)?(?<![\w.-])(?:www\.)?github\.com(?::\d+)?/+(?=[^/\s]+/+[^/\s]+/+(?!blob/|tree/|raw/|releases\b|wiki\b)\S)",
    re.IGNORECASE,
)
_OWN_COMMENT = re.compile(r"<!--(?=\s*migrator:)")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")


def inline(text: str, limit: int = 120) -> str:
    """One line of plain words for the middle of a Markdown sentence, at most ``limit`` characters
    of the original.

    Nothing in it is Markdown, HTML, a mention, a reference or an address any more; it looks as it
    did.
    """
    line = " ".join(clean(text).split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    line = _PUNCTUATION.sub(r"\\\1", html.escape(line, quote=False))
    line = _BLOCK_START.sub(r"\1\\\2", line)
    line = _ADDRESS_START.sub(lambda start: start[0] + ZERO_WIDTH_SPACE, line)
    return line.replace("@", "@" + ZERO_WIDTH_SPACE).replace("#", "\\#" + ZERO_WIDTH_SPACE)


def without_targets(text: str) -> str:
    """A Markdown text with each link by its words alone, as a reader sees it."""
    return _LINK.sub(r"\1", text)


def code(text: str, limit: int = 120) -> str:
    """A short name (label, path) as inline code, in which GitHub acts on nothing. Backticks
    become apostrophes."""
    line = " ".join(clean(text).split()).replace("`", "'")
    return f"`{line[: limit - 1]}…`" if len(line) > limit else f"`{line or ' '}`"


def block(text: str) -> str:
    """A Markdown text that may be shown elsewhere: it keeps its form, but mails nobody and links
    back to nothing.

    Fenced code is left exactly as it is: GitHub looks for nothing there, and people copy it.
    """
    text = clean(text)
    if not _needs_care(text):
        return text
    lines = text.split("\n")
    code = fences_of(text).code
    return "\n".join(
        line if number in code else _quieten(line) for number, line in enumerate(lines)
    )


def _needs_care(text: str) -> bool:
    patterns = (_SIGNS, _ITEM_ADDRESS, _OWN_COMMENT, _HIDDEN_SIGN)
    return any(pattern.search(text) for pattern in patterns)


def _quieten(line: str) -> str:
    line = _HIDDEN_SIGN.sub(_reveal, line)
    line = _OWN_COMMENT.sub("<!--" + ZERO_WIDTH_SPACE, line)
    line = _ITEM_ADDRESS.sub("https://redirect.github.com/", line)
    return _SIGNS.sub(lambda sign: sign[0] + ZERO_WIDTH_SPACE, line)


def _reveal(found: re.Match[str]) -> str:
    """Show an entity as it was typed if it hides a letter or sign that GitHub would act on."""
    hidden = html.unescape(f"&{found[1]};")
    acts = hidden in "@#./:-" or (hidden.isascii() and hidden.isalnum())
    return "&amp;" if acts else "&"


def open_fence(text: str) -> str:
    """The fence that would close ``text`` if it ends inside of code, else the empty string."""
    return fences_of(text).open


def item_address(url: str) -> str:
    """The address under which an item may be linked without leaving a backlink; empty if its host
    offers none.

    Known for github.com only: a GitHub Enterprise server has no redirecting host, so callers show
    such an address as code.
    """
    parts = urlsplit(url)
    if parts.hostname in ("github.com", "www.github.com", "redirect.github.com"):
        return f"https://redirect.github.com{parts.path}" + (
            f"#{parts.fragment}" if parts.fragment else ""
        )
    return ""


def item_link(words: str, url: str) -> str:
    """Markdown link to an item, with already harmless ``words``; the address as code where a
    link would leave a backlink."""
    address = item_address(url)
    if address and not re.search(r"[\s<>()]", address):
        return f"[{words}]({address})"
    shown = re.sub(r"[`\s]", "", clean(url))
    return f"{words} (`{shown}`)" if shown else words
