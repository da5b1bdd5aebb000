"""Old places to new ones: paths, import paths, and references in commit messages, by the rules
of one moved part."""

from __future__ import annotations

import re
from typing import Final

from migrator.domain.rules import MovedPath, Part

_REFERENCE = re.compile(r"(?<![\w/#&])#(?=[1-9]\d*\b)")
_BUILD_FILES: Final = ("BUILD", "BUILD.bazel", "WORKSPACE")


class Rewriter:
    """The rules of one part, compiled once. ``source`` is the repository that the patch comes
    from."""

    def __init__(self, part: Part, source: str) -> None:
        self._source = source
        self._moves = sorted(part.paths, key=lambda move: -len(move.old))
        modules = [move for move in self._moves if move.old_module and move.new_module]
        self._modules = [(_mention(move.old_module), move.new_module) for move in modules]
        self._sibling = [
            (_sibling_import(move), move) for move in modules if "." in move.old_module
        ]
        self._left_behind = [_left_behind(move) for move in modules if "." in move.old_module]

    def path(self, path: str) -> str | None:
        """The new place of a file (quoted as git quotes it, if it was); ``None`` if it does not
        move."""
        quote = '"' if path.startswith('"') else ""
        bare = path.strip('"')
        for move in self._moves:
            old = move.old.rstrip("/")
            if bare == old or bare.startswith(f"{old}/"):
                inside = bare.removeprefix(old).lstrip("/")
                return (
                    quote
                    + "/".join(part for part in (move.new.rstrip("/"), inside) if part)
                    + quote
                )
        return None

    def line(self, line: str) -> str:
        """A line of code with every mention of an old module replaced. Words that only begin
        alike stay as they are."""
        for pattern, move in self._sibling:
            line = pattern.sub(lambda found, move=move: _as_import(found, move), line)  # type: ignore[misc]
        for mention, new in self._modules:
            line = mention.sub(new, line)
        return line

    def doubts(self, line: str) -> str:
        """Why a person should look at this (rewritten) line of code; empty if nothing is wrong
        with it."""
        for pattern in self._left_behind:
            found = pattern.match(line)
            if found:
                return f"imports {found['module']}, which did not move"
        for move in self._moves:
            if (
                move.old
                and move.old != move.new
                and re.search(rf"(?<![\w.-]){re.escape(move.old)}(?![\w-])", line)
            ):
                return f"names the old path {move.old}"
        return ""

    def message(self, line: str) -> str:
        """A line of a commit message with ``#12`` made ``owner/name#12``: in the new repository
        the number means another item."""
        return _REFERENCE.sub(f"{self._source}#", line)


def is_build_file(path: str) -> bool:
    """Whether a file holds build rules, whose targets differ between repositories."""
    name = path.strip('"').rpartition("/")[2]
    return name in _BUILD_FILES or name.endswith((".bzl", ".bazel"))


def _mention(module: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(module)}(?!\w)")


def _sibling_import(move: MovedPath) -> re.Pattern[str]:
    """``from tensorflow.python import keras``, alone on its line: the module is imported from
    its parent."""
    parent, _, name = move.old_module.rpartition(".")
    return re.compile(
        rf"(?P<indent>^\s*|^[^#]*>>> )from {re.escape(parent)} import "
        rf"{re.escape(name)}(?P<rest>\s+as \w+)?(?=\s*(?:#|$))"
    )


def _as_import(found: re.Match[str], move: MovedPath) -> str:
    parent, _, name = move.new_module.rpartition(".")
    start = f"from {parent} import {name}" if parent else f"import {name}"
    alias = found["rest"] or (
        ""
        if name == move.old_module.rpartition(".")[2]
        else f" as {move.old_module.rpartition('.')[2]}"
    )
    return f"{found['indent']}{start}{alias}"


def _left_behind(move: MovedPath) -> re.Pattern[str]:
    """An import from the old module's neighbours, which the new repository may not reach."""
    parent = re.escape(move.old_module.rpartition(".")[0])
    return re.compile(rf"\s*(?:from|import)\s+(?P<module>{parent}(?:\.\w+)*)(?!\w)")
