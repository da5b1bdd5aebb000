"""The new repository's files while a patch goes over them, in memory: does each hunk find what it
expects?

``git am`` wants every context line as it is and allows only an offset
(https://git-scm.com/docs/git-apply), so do we.
"""

from __future__ import annotations

from collections.abc import Callable

from migrator.domain.porting.patch import FileDiff, Hunk, plain

ReadFile = Callable[[str], str | None]


class Tree:
    """Files by path, read when first asked for and changed by what was applied. Nothing is
    written."""

    def __init__(self, read: ReadFile) -> None:
        self._read = read
        self._files: dict[str, list[str] | None] = {}

    def begin(self, file: FileDiff) -> str:
        """Look at a file before its hunks. Returns why it cannot be changed as the patch says;
        empty if it can."""
        lines = self._lines(file.old)
        if file.created:
            if lines is not None:
                return f"{file.new} exists already"
            self._files[file.new] = []
            return ""
        if lines is None:
            return f"{file.old} does not exist"
        if file.rename:
            self._files[file.new] = list(lines)
            if file.rename == "rename":
                self._files[file.old] = None
        return ""

    def apply(self, path: str, hunk: Hunk) -> bool:
        """Apply one hunk if its context is found, at its place or (the nearest) elsewhere; say
        whether it was."""
        lines = self._lines(path)
        if lines is None:
            return False
        before = hunk.before
        place = _find(lines, before, max(hunk.start - 1, 0))
        if place is None:
            return False
        lines[place : place + len(before)] = hunk.after
        return True

    def end(self, file: FileDiff) -> None:
        """Take away a file that the patch deletes."""
        if file.deleted:
            self._files[file.old] = None

    def _lines(self, path: str) -> list[str] | None:
        if path not in self._files:
            text = self._read(plain(path))
            self._files[path] = None if text is None else text.removesuffix("\n").split("\n")
        return self._files[path]


def _find(lines: list[str], wanted: list[str], near: int) -> int | None:
    """Where ``wanted`` stands in ``lines``, nearest to ``near``."""
    if not wanted:
        return min(near, len(lines))
    places = (place for place in range(len(lines) - len(wanted) + 1) if lines[place] == wanted[0])
    found = [place for place in places if lines[place : place + len(wanted)] == wanted]
    return min(found, key=lambda place: abs(place - near), default=None)
