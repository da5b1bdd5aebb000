"""Changes single values in the text of a migration file, and leaves everything else as it was
written: comments, order and layout."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from migrator.config.migration_file import parse
from migrator.config.toml_locations import KeyLines
from migrator.domain.rules import MigrationFile
from migrator.errors import ConfigError

_ASSIGNMENT = re.compile(
    r"(\s*[\w.\"'-]+\s*=\s*)(\"[^\"#]*\"|'[^'#]*'|[^\s#,{}\[\]]+)(\s*(?:#.*)?)"
)
"""One line with one plain value: what stands before it, the value, and a comment."""


def patched(text: str, values: Mapping[str, str], wanted: MigrationFile) -> str | None:
    """The text of a migration file with these values (dotted key -> TOML). ``None`` if that does
    not give the ``wanted`` rules: the file says them in a way that a person has to change."""
    for key, value in values.items():
        text = _with(text, tuple(key.split(".")), value)
    try:
        return text if parse(text) == wanted else None
    except ConfigError:
        return None


def _with(text: str, path: tuple[str, ...], value: str) -> str:
    """The text with one value: in its line, else under its table's header, else at the end."""
    places, lines = KeyLines(text), text.splitlines(keepends=True)
    if (line := places.get(path)) is not None:
        found = _ASSIGNMENT.fullmatch(lines[line - 1].rstrip("\n"))
        if found is not None:
            lines[line - 1] = f"{found[1]}{value}{found[3]}\n"
        return "".join(lines)
    table, added = path[:-1], f"{path[-1]} = {value}\n"
    line = places.get(table)
    if line is not None and lines[line - 1].lstrip().startswith("["):
        indent = re.match(r"\s*", lines[line - 1])
        return "".join((*lines[:line], (indent[0] if indent else "") + added, *lines[line:]))
    end = "" if text.endswith("\n") else "\n"
    return f"{text}{end}\n[{'.'.join(table)}]\n{added}"


def unified_diff(before: str, after: str, name: str) -> str:
    """What ``patch`` and ``git apply`` take, to change a file of that name."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
