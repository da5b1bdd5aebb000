"""Checks that every relative link and anchor in the Markdown files leads somewhere. Addresses of
the web are not asked.

Links inside ``docs/`` are resolved as GitHub shows them; ``make docs`` checks them once more as the
built site does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
PARSER = MarkdownIt("gfm-like", {"linkify": False})


def main() -> int:
    """Print every dead link; 1 if there is one."""
    files = [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / ".github").rglob("*.md")),
    ]
    dead = [(file, link) for file in files for link in _links(file) if not _lives(file, link)]
    for file, link in dead:
        print(f"{file.relative_to(ROOT)}: {link} leads nowhere")
    print(f"links: {len(dead)} dead in {len(files)} files")
    return 1 if dead else 0


def _links(file: Path) -> Iterator[str]:
    for token in _tokens(PARSER.parse(file.read_text(encoding="utf-8"))):
        target = (
            token.attrGet("href")
            if token.type == "link_open"
            else token.attrGet("src")
            if token.type == "image"
            else None
        )
        if target:
            yield str(target)


def _tokens(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or [])


def _lives(file: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not parts.fragment or target.suffix != ".md" or parts.fragment in _anchors(target)


@cache
def _anchors(file: Path) -> frozenset[str]:
    """Anchors that headings make: lower case, punctuation dropped, spaces to hyphens."""
    tokens = PARSER.parse(file.read_text(encoding="utf-8"))
    titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    return frozenset(
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles
    )


if __name__ == "__main__":
    sys.exit(main())
