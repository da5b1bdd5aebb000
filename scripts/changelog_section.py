"""Prints the section of CHANGELOG.md for a version (`1.2.3`, or `Unreleased`): the notes of a release.

Exit code 1 if there is none, or if it is empty.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def section(text: str, version: str) -> str:
    """The text below a version's heading, up to the next version; empty if there is none."""
    found = re.search(
        rf"^## \[{re.escape(version)}\].*?\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[1].strip() if found else ""


if __name__ == "__main__":
    notes = section(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1])
    if not notes:
        sys.exit(f"CHANGELOG.md has no section [{sys.argv[1]}], or it is empty")
    sys.stdout.write(f"{notes}\n")
