"""Carries a pull request's patch over to the new repository: paths and imports rewritten, authors
kept.

Pure: text in, text and a report out. Every hunk is *clean*, *import rewritten*, or *needs a
person*; files that do not move are listed, never dropped silently. ``docs/porting.md`` explains it
to contributors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from migrator.domain.items import Frozen
from migrator.domain.porting.patch import FileDiff, Hunk, PatchCommit, parse, plain, render
from migrator.domain.porting.rewriting import Rewriter, is_build_file
from migrator.domain.porting.tree import ReadFile, Tree
from migrator.domain.rules import MigrationFile

__all__ = ["HunkReport", "HunkVerdict", "LeftOut", "Ported", "PortedCommit", "ReadFile", "port"]


class HunkVerdict(StrEnum):
    """What became of one hunk."""

    CLEAN = "clean"
    IMPORT_REWRITTEN = "import rewritten"
    NEEDS_PERSON = "needs a person"


class HunkReport(Frozen, frozen=True, kw_only=True):
    """One hunk (or one change without hunks: a rename, a mode, a binary file). ``reason`` says
    why a person must look."""

    path: str
    old_path: str
    hunk: str
    verdict: HunkVerdict
    reason: str = ""


class LeftOut(Frozen, frozen=True, kw_only=True):
    """A file of the patch that is not in the ported one, and why."""

    path: str
    reason: str


class PortedCommit(Frozen, frozen=True, kw_only=True):
    """One commit. ``kept`` is false if none of its files move, so that the ported patch has no
    such commit."""

    subject: str
    author: str
    kept: bool
    hunks: tuple[HunkReport, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Ported(Frozen, frozen=True, kw_only=True):
    """A patch carried over. ``text`` is for ``git am`` in a clone of ``target``; empty if
    nothing of it moves."""

    part: str
    target: str
    text: str
    commits: tuple[PortedCommit, ...]

    def count(self, verdict: HunkVerdict) -> int:
        """How many hunks have this verdict."""
        return sum(hunk.verdict is verdict for commit in self.commits for hunk in commit.hunks)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Everything that is not in the ported patch."""
        return tuple(each for commit in self.commits for each in commit.left_out)


def port(text: str, file: MigrationFile, *, part: str = "", read: ReadFile | None = None) -> Ported:
    """Carry a patch over to the target of a part (the one that most of its files belong to, unless
    named).

    ``read`` gives the text of a file of the new repository by its path (``None`` if there is none);
    with it every hunk is tried on the files, without it a hunk is only judged by itself. Raises
    :class:`InputFileError` for what is no patch with authors, and ``KeyError`` for a part that the
    file does not name.
    """
    commits = parse(text)
    chosen = file.part(part) if part else file.part(_main_part(commits, file))
    porter = _Porter(
        Rewriter(chosen, file.migration.source),
        _others(file, chosen.name),
        Tree(read) if read else None,
    )
    results = [porter.commit(commit) for commit in commits]
    kept = [commit for commit, report in results if report.kept]
    return Ported(
        part=chosen.name,
        target=chosen.target,
        text=render(kept),
        commits=tuple(report for _, report in results),
    )


def _main_part(commits: list[PatchCommit], file: MigrationFile) -> str:
    """Name of the part that most of the patch's files belong to; the first one's if none does."""
    paths = [diff.new for commit in commits for diff in commit.files]
    rewriters = {one.name: Rewriter(one, "") for one in file.parts}
    counts = {
        name: sum(one.path(path) is not None for path in paths) for name, one in rewriters.items()
    }
    return max(counts, key=lambda name: counts[name])


def _others(file: MigrationFile, name: str) -> dict[str, Rewriter]:
    return {
        one.name: Rewriter(one, file.migration.source) for one in file.parts if one.name != name
    }


class _Porter:
    """Carries commits over, one after the other."""

    def __init__(self, rewriter: Rewriter, others: dict[str, Rewriter], tree: Tree | None) -> None:
        self._rewriter, self._others, self._tree = rewriter, others, tree

    def commit(self, commit: PatchCommit) -> tuple[PatchCommit, PortedCommit]:
        files: list[FileDiff] = []
        hunks: list[HunkReport] = []
        left_out: list[LeftOut] = []
        for diff in commit.files:
            reason = self._stays_behind(diff)
            if reason:
                left_out.append(LeftOut(path=plain(diff.new), reason=reason))
                continue
            moved = self._moved(diff)
            files.append(moved)
            hunks += self._judged(diff, moved)
        head = [
            self._rewriter.message(line) if line.startswith(("Subject:", " ")) else line
            for line in commit.head
        ]
        message = [*map(self._rewriter.message, _without_statistics(commit.message)), "---", ""]
        report = PortedCommit(
            subject=commit.subject,
            author=commit.author,
            kept=bool(files),
            hunks=tuple(hunks),
            left_out=tuple(left_out),
        )
        return replace(commit, head=head, message=message, files=files), report

    def _stays_behind(self, diff: FileDiff) -> str:
        """Why a file is not carried over; empty if it is."""
        if diff.hollow:
            return "a binary file, whose content the patch does not hold: copy it over by hand"
        old, new = self._rewriter.path(diff.old), self._rewriter.path(diff.new)
        if old is not None and new is not None:
            return ""
        if old is not None or new is not None:
            return "renamed across the border of what moved: a person carries it over"
        for name, other in self._others.items():
            if other.path(diff.new) is not None:
                return f"belongs to the part {name}: port the patch again with --part {name}"
        return "does not move: it stays in the source repository"

    def _moved(self, diff: FileDiff) -> FileDiff:
        old, new = self._rewriter.path(diff.old), self._rewriter.path(diff.new)
        hunks = [
            replace(hunk, lines=[self._rewritten(line) for line in hunk.lines])
            for hunk in diff.hunks
        ]
        rewritten = hunks != diff.hunks
        extended = [line for line in diff.extended if not (rewritten and line.startswith("index "))]
        return replace(diff, old=old or "", new=new or "", hunks=hunks, extended=extended)

    def _rewritten(self, line: str) -> str:
        return line if line.startswith("\\") else line[:1] + self._rewriter.line(line[1:])

    def _judged(self, before: FileDiff, after: FileDiff) -> Iterator[HunkReport]:
        obstacle = self._tree.begin(after) if self._tree else ""
        if not after.hunks:
            yield self._report(
                before,
                after,
                "",
                HunkVerdict.NEEDS_PERSON if obstacle else HunkVerdict.CLEAN,
                obstacle,
            )
        for old, new in zip(before.hunks, after.hunks, strict=True):
            reason = obstacle or self._reason(after, new)
            rewritten = (
                HunkVerdict.IMPORT_REWRITTEN if old.lines != new.lines else HunkVerdict.CLEAN
            )
            yield self._report(
                before, after, old.title, HunkVerdict.NEEDS_PERSON if reason else rewritten, reason
            )
        if self._tree:
            self._tree.end(after)

    def _reason(self, file: FileDiff, hunk: Hunk) -> str:
        """Why a person must look at a rewritten hunk; empty if nobody must."""
        if self._tree and not self._tree.apply(file.new, hunk):
            return "its context is not found in the new file"
        if is_build_file(file.new):
            return "build rules name other targets in the new repository"
        watched = "+" if self._tree else "+ "
        doubts = (self._rewriter.doubts(line[1:]) for line in hunk.lines if line[:1] in watched)
        return next((doubt for doubt in doubts if doubt), "")

    def _report(
        self, before: FileDiff, after: FileDiff, hunk: str, verdict: HunkVerdict, reason: str
    ) -> HunkReport:
        return HunkReport(
            path=plain(after.new),
            old_path=plain(before.new),
            hunk=hunk,
            verdict=verdict,
            reason=reason,
        )


def _without_statistics(message: list[str]) -> list[str]:
    """The commit's message without what stands between it and the diff (the statistics name the
    old paths)."""
    for number, line in enumerate(message):
        if line.rstrip() == "---":
            return message[:number]
    return message
