"""The new repository's files while a patch goes over them, in memory: does each hunk find what it
expects?

``git am`` wants every context line as it is and allows only an offset
(https://git-scm.com/docs/git-apply), so do we.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
    return min(_places(lines, wanted), key=lambda place: abs(place - near), default=None)


def _places(lines: list[str], wanted: list[str]) -> Iterator[int]:
    """Yield every place of ``wanted`` in ``lines``, by the algorithm of Knuth, Morris and Pratt:
    each line is met once.

    Lines are numbered first, so that long ones that are nearly equal are not compared again and
    again.
    """
    numbers: dict[str, int] = {}
    sought = [numbers.setdefault(line, len(numbers)) for line in wanted]
    back = [0] * len(sought)
    length = 0
    for place in range(1, len(sought)):
        while length and sought[place] != sought[length]:
            length = back[length - 1]
        length += sought[place] == sought[length]
        back[place] = length
    length = 0
    for place, line in enumerate(lines):
        number = numbers.get(line, -1)
        while length and (length == len(sought) or number != sought[length]):
            length = back[length - 1]
        length += number == sought[length]
        if length == len(sought):
            yield place - length + 1
