"""Changed paths of a pull request: inside the moved paths, outside, or mixed; and backports."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.evidence import Grounds
from migrator.domain.items import Pull
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import OwnershipPaths

FINDINGS: Final = {
    "path.inside": "a pull request that changes moved paths",
    "path.outside": "a pull request that changes other paths only",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``path.inside`` or ``path.outside``. Mixed, incomplete and backported
    changes are for a person.

    GitHub lists at most 3,000 files of a pull request, and we read fewer
    (https://docs.github.com/rest/pulls/pulls#list-pull-requests-files): an incomplete list cannot
    show that all is inside.
    """
    rules = file.ownership.paths
    moved = [(path.old.rstrip("/"), part.name) for part in file.parts for path in part.paths]

    def find(reading: ParsedItem) -> Iterator[Finding]:
        pull = reading.item.pull
        if pull is None or not pull.changed_paths:
            return
        counted = [path for path in pull.changed_paths if not _matches(path, rules.neutral)]
        owners = {path: _part_of(path, moved, rules, file.parts[0].name) for path in counted}
        inside = [path for path in counted if owners[path]]
        if inside:
            conflict = _conflict(pull, owners, rules)
            yield Finding(
                "path.inside",
                seen=inside[0],
                grounds=Grounds.PATH,
                part=owners[inside[0]],
                contradiction=conflict,
            )
        elif counted:
            yield Finding("path.outside", seen=counted[0], grounds=Grounds.PATH)

    return find


def _part_of(
    path: str, moved: list[tuple[str, str]], rules: OwnershipPaths, first_part: str
) -> str:
    for old, part in moved:
        if path == old or path.startswith(old + "/"):
            return part
    return first_part if _matches(path, rules.ours) else ""


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _conflict(pull: Pull, owners: dict[str, str], rules: OwnershipPaths) -> str:
    outside = [path for path, part in owners.items() if not part]
    if outside:
        return f"the pull request changes moved and unmoved paths ({outside[0]})"
    if len(set(owners.values())) > 1:
        return "the pull request changes paths of two parts"
    if _matches(pull.base_ref, rules.backport_branches):
        return f"a backport to {pull.base_ref}"
    missing = pull.changed_paths_total - len(pull.changed_paths)
    return f"{missing} more changed paths were not read" if missing > 0 else ""
