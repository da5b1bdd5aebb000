"""The notes of a release are the changelog's section of its version."""

from __future__ import annotations

from scripts.changelog_section import CHANGELOG, section

TEXT = "# Changelog\n\n## [Unreleased]\n\n- New\n\n## [1.2.3] - 2026-01-01\n\n- Old\n\n### More\n\n- Older\n"


def test_a_section_ends_where_the_next_version_begins() -> None:
    """Headings within it stay; a version that is not there has none."""
    assert section(TEXT, "Unreleased") == "- New"
    assert section(TEXT, "1.2.3") == "- Old\n\n### More\n\n- Older"
    assert section(TEXT, "1.2.4") == ""


def test_what_is_not_released_yet_has_notes() -> None:
    """The project's own file is read as a release reads it."""
    assert "- " in section(CHANGELOG.read_text(encoding="utf-8"), "Unreleased")
