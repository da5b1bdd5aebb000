"""A patch as ``git format-patch`` writes it (and as GitHub serves it at a pull request's ``.patch``
address), taken apart.

Parsing loses nothing: what is not understood stays as lines. Text is decoded with
``surrogateescape`` by the caller, so that any bytes come back as they were. Format:
https://git-scm.com/docs/git-format-patch, https://git-scm.com/docs/diff-format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final

from migrator.errors import InputFileError

_COMMIT = re.compile(r"From [0-9a-f]{7,64} Mon Sep 17 00:00:00 2001\s*")
_NUMBER: Final = r"\d{1,10}"
_HUNK = re.compile(
    rf"(?P<title>@@ -{_NUMBER}(?:,(?P<old>{_NUMBER}))? "
    rf"\+(?P<start>{_NUMBER})(?:,(?P<new>{_NUMBER}))? @@)(?P<heading>.*)",
    re.DOTALL,
)
_AFTER_HEADER: Final = ("diff --git ", "@@ ", "GIT binary patch", "-- ")
_LONGEST_HEADER: Final = 1000
"""Characters of a header that are decoded: the library needs time that grows with their square."""
_CURE: Final = (
    "download it from the pull request's URL with .patch at its end (not .diff, which names "
    "no author)"
)


@dataclass
class Hunk:
    """One hunk. ``title`` is ``@@ -1,3 +1,4 @@``, ``heading`` what stands behind it; ``start`` the
    first line of the new side.

    ``lines`` keep their first character (space, ``+``, ``-``, backslash) and have no line end.
    """

    title: str
    heading: str
    start: int
    lines: list[str]

    @property
    def before(self) -> list[str]:
        """The lines that the hunk expects to find."""
        return [line[1:] for line in self.lines if line[:1] in (" ", "-")]

    @property
    def after(self) -> list[str]:
        """The lines that it leaves."""
        return [line[1:] for line in self.lines if line[:1] in (" ", "+")]


@dataclass
class FileDiff:
    """What one commit does to one file.

    ``old`` and ``new`` are the paths (equal unless renamed or copied), without ``a/`` and ``b/``.
    ``extended`` are the header lines between ``diff --git`` and the first hunk that are no paths
    (modes, similarity, index); ``binary`` the lines of a binary patch. ``rename`` is ``rename``,
    ``copy`` or empty.
    """

    old: str
    new: str
    extended: list[str] = field(default_factory=list)
    rename: str = ""
    hunks: list[Hunk] = field(default_factory=list)
    binary: list[str] = field(default_factory=list)

    @property
    def created(self) -> bool:
        """Whether the file is new."""
        return any(line.startswith("new file mode") for line in self.extended)

    @property
    def deleted(self) -> bool:
        """Whether the file goes away."""
        return any(line.startswith("deleted file mode") for line in self.extended)

    @property
    def hollow(self) -> bool:
        """Whether the patch only says that a binary file changed, without its content."""
        return any(line.startswith("Binary files ") for line in self.extended)


@dataclass
class PatchCommit:
    """One mail of the patch. ``head`` are its header lines up to and without the blank line,
    ``message`` the lines below it."""

    head: list[str]
    message: list[str]
    files: list[FileDiff]
    trailer: list[str]

    @property
    def subject(self) -> str:
        """The subject, decoded, without ``[PATCH n/m]``."""
        return re.sub(r"^\[PATCH[^\]]*\]\s*", "", self._header("Subject"))

    @property
    def author(self) -> str:
        """``Name <address>``, decoded."""
        return self._header("From")

    def _header(self, name: str) -> str:
        """A header's value, unfolded and decoded as far as it can be."""
        start = next(
            (number for number, line in enumerate(self.head) if line.startswith(f"{name}: ")), None
        )
        if start is None:
            return ""
        folded = [self.head[start].removeprefix(f"{name}: ")]
        for line in self.head[start + 1 :]:
            if not line.startswith((" ", "\t")):
                break
            folded.append(line.strip())
        value = " ".join(folded).strip()[:_LONGEST_HEADER]
        try:
            return str(make_header(decode_header(value)))
        except (LookupError, ValueError, MessageError):
            return value


def plain(path: str) -> str:
    """A path as it is on disk: git quotes names with unusual characters
    (https://git-scm.com/docs/git-config#_core_quotepath)."""
    if not path.startswith('"'):
        return path
    try:
        characters = path[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:  # git writes no such name
        return path
    return characters.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def parse(text: str) -> list[PatchCommit]:
    """Take a patch apart. Raises :class:`InputFileError`, with the line, for what ``git
    format-patch`` did not write."""
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    if not lines or not _COMMIT.fullmatch(lines[0]):
        raise InputFileError("this is not a patch with its commits' authors", cure=_CURE, line=1)
    reader = _Reader(lines)
    commits = []
    while not reader.at_end:
        commits.append(_commit(reader))
    return commits


def render(commits: list[PatchCommit]) -> str:
    """The patch as text again."""
    return "".join(f"{line}\n" for commit in commits for line in _commit_lines(commit))


class _Reader:
    """Lines with a place in them."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.place = 0

    @property
    def at_end(self) -> bool:
        return self.place >= len(self._lines)

    @property
    def line(self) -> str:
        """The line at this place, without a carriage return; empty past the end."""
        return "" if self.at_end else self._lines[self.place].removesuffix("\r")

    @property
    def starts_commit(self) -> bool:
        return _COMMIT.fullmatch(self.line) is not None

    def take(self) -> str:
        """The line at this place as it is; goes on to the next. Raises :class:`InputFileError`
        past the end."""
        if self.at_end:
            raise InputFileError(
                "the patch ends in the middle of a change",
                cure="download it again",
                line=self.place,
            )
        self.place += 1
        return self._lines[self.place - 1]

    def until(self, *starts: str) -> Iterator[str]:
        """Take lines up to one that starts so, or that starts a commit."""
        while not self.at_end and not self.line.startswith(starts) and not self.starts_commit:
            yield self.take()


def _commit(reader: _Reader) -> PatchCommit:
    head = [reader.take()]
    while not reader.at_end and reader.line:
        head.append(reader.take())
    message = list(reader.until("diff --git "))
    files = []
    while reader.line.startswith("diff --git "):
        files.append(_file(reader))
        trailer = list(reader.until("diff --git "))
    return PatchCommit(head=head, message=message, files=files, trailer=trailer if files else [])


def _file(reader: _Reader) -> FileDiff:
    start = reader.place + 1
    old, new = _from_first_line(reader.take().removesuffix("\r"))
    found = FileDiff(old=old, new=new)
    while reader.line and not reader.line.startswith(_AFTER_HEADER) and not reader.starts_commit:
        _header_line(found, reader.take().removesuffix("\r"))
    while _HUNK.fullmatch(reader.line):
        found.hunks.append(_hunk(reader))
    if reader.line == "GIT binary patch":
        found.binary = list(reader.until("diff --git ", "-- "))
    if not found.old or not found.new:
        raise InputFileError("a change names no file", cure=_CURE, line=start)
    return found


def _from_first_line(line: str) -> tuple[str, str]:
    """Both paths of ``diff --git a/X b/X``, if they are the same; else empty, as other lines
    name them."""
    names = line.removeprefix("diff --git ")
    quote = '"' if names.startswith('"') else ""
    start = len(f"{quote}a/")
    name = names[start : (len(names) - 1) // 2 - len(quote)]
    same = names == f"{quote}a/{name}{quote} {quote}b/{name}{quote}"
    return (f"{quote}{name}{quote}",) * 2 if same else ("", "")


def _header_line(found: FileDiff, line: str) -> None:
    for word in ("rename", "copy"):
        if line.startswith(f"{word} from "):
            found.old, found.rename = line.removeprefix(f"{word} from "), word
            return
        if line.startswith(f"{word} to "):
            found.new = line.removeprefix(f"{word} to ")
            return
    if line.startswith("--- "):
        found.old = _side(line.removeprefix("--- "), "a/") or found.old
    elif line.startswith("+++ "):
        found.new = _side(line.removeprefix("+++ "), "b/") or found.new
    else:
        found.extended.append(line)


def _side(name: str, prefix: str) -> str:
    """A path of a ``---`` or ``+++`` line; empty for ``/dev/null``. A name with spaces is
    followed by a tab."""
    name = name.removesuffix("\t")
    if name.startswith(f'"{prefix}'):
        return '"' + name.removeprefix(f'"{prefix}')
    return name.removeprefix(prefix) if name.startswith(prefix) else ""


def _hunk(reader: _Reader) -> Hunk:
    numbers = _HUNK.fullmatch(reader.take().removesuffix("\r"))
    if numbers is None:  # pragma: no cover - the caller has looked
        raise AssertionError("not a hunk")
    old, new = _count(numbers["old"]), _count(numbers["new"])
    hunk = Hunk(
        title=numbers["title"], heading=numbers["heading"], start=int(numbers["start"]), lines=[]
    )
    while old > 0 or new > 0 or reader.line.startswith("\\ No newline"):
        line = reader.take() or " "
        if line[0] not in " +-\\":
            raise InputFileError(
                "a hunk is shorter than it says", cure="download it again", line=reader.place
            )
        old -= line[0] in " -"
        new -= line[0] in " +"
        hunk.lines.append(line)
    return hunk


def _count(number: str | None) -> int:
    return 1 if number is None else int(number)


def _commit_lines(commit: PatchCommit) -> Iterator[str]:
    yield from commit.head
    yield from commit.message
    for file in commit.files:
        yield from _file_lines(file)
    yield from commit.trailer


def _file_lines(file: FileDiff) -> Iterator[str]:
    yield f"diff --git {_prefixed('a/', file.old)} {_prefixed('b/', file.new)}"
    yield from (line for line in file.extended if not line.startswith("index "))
    if file.rename:
        yield f"{file.rename} from {file.old}"
        yield f"{file.rename} to {file.new}"
    yield from (line for line in file.extended if line.startswith("index "))
    if file.hunks:
        yield (
            "--- /dev/null" if file.created else f"--- {_prefixed('a/', file.old)}{_tab(file.old)}"
        )
        yield (
            "+++ /dev/null" if file.deleted else f"+++ {_prefixed('b/', file.new)}{_tab(file.new)}"
        )
    for hunk in file.hunks:
        yield hunk.title + hunk.heading
        yield from hunk.lines
    yield from file.binary


def _prefixed(prefix: str, path: str) -> str:
    return f'"{prefix}{path[1:]}' if path.startswith('"') else prefix + path


def _tab(path: str) -> str:
    return "\t" if " " in path and not path.startswith('"') else ""
