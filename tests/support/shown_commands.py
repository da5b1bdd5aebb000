"""Commands that pages show: blocks after ``<!-- run -->`` are run, files after ``<!-- file: NAME
-->`` are written first."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "deploy" / "README.md"]
BLOCK = re.compile(r"<!-- (run|file: (?P<name>\S+)) -->\n\n(?P<text>(?:(?: {4}.*)?\n)+)")
INLINE = re.compile(r"`(migrator [a-z][^`]*)`")


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """(name of a file or empty, text) of each marked block of a page, in order."""
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found["name"] or "", textwrap.dedent(found["text"])


def script(page: Path) -> str:
    """Everything that a page asks its reader to run, as one shell script, with the files that it
    tells them to write."""
    lines = ["set -eu"]
    for name, text in blocks(page):
        lines.append(f"cat > {name} <<'END-OF-FILE'\n{text}END-OF-FILE" if name else text)
    return "\n".join(lines)


def named(page: Path) -> Iterator[str]:
    """Every call of the migrator that a page shows, in a block of code or within a sentence."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        found = re.search(r"^ {4}(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(migrator [a-z].*)$", line)
        if found:
            yield found[1].partition(" #")[0].strip()
    yield from INLINE.findall(text.replace("\n", " "))
